from pathlib import Path

import pytest

from model.annotation import NOBODY, ActorSpan, Annotation, Span
from model.codebook import Codebook
from model.errors import FaultsError
from training.formats.registry import get_format
from training.labelled_table import read_tables
from training.table_columns import Columns


def sentence(number: int, annotator: str, **more: object) -> Annotation:
    given = {"id": str(number), "document": "d", "text": f"Voss fled {number}.", "annotator": annotator, "origin": "o"}
    return Annotation.model_validate({"frames": (), "actors": (), **given, **more})


def written(folder: Path, codebook: Codebook, *annotations: Annotation) -> Path:
    file = folder / "own.csv"
    get_format("csv").write(annotations, file, codebook)
    return file


def faults(file: Path, codebook: Codebook) -> list[str]:
    with pytest.raises(FaultsError) as caught:
        read_tables([file], Columns(), codebook)
    return caught.value.faults


def test_a_table_with_actors_is_to_be_imported(codebook: Codebook, tmp_path: Path) -> None:
    span = ActorSpan(start=0, end=4, stance="critical")
    rows = [sentence(1, "ana", actors=(span,)), sentence(2, "ana", undecided=(Span(start=0, end=4),))]
    file = written(tmp_path, codebook, *rows)
    (fault,) = faults(file, codebook)
    assert fault.startswith(f"{file}:3: kind: no sentence, but a span (2 such rows); ")
    assert f"`frameline annotations import {file} --out NEW`" in fault


def test_a_row_of_an_actor_that_repeats_its_sentence_is_none(codebook: Codebook, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    header = "Kind,id,annotator,text,guarding,fleeing,mention,stance\n"
    file.write_text(header + ",1,ana,Voss fled.,0,1,,\nactor,1,ana,Voss fled.,,,Voss,critical\n", encoding="utf-8")
    (fault,) = faults(file, codebook)
    assert fault.startswith(f"{file}:3: kind: no sentence, but a span; ")


def test_sentences_that_nobody_has_annotated_yet_are_named(codebook: Codebook, tmp_path: Path) -> None:
    rows = [sentence(1, "ana"), sentence(2, NOBODY), sentence(3, NOBODY), sentence(4, NOBODY, frames=("fleeing",))]
    file = written(tmp_path, codebook, *rows)
    (fault,) = faults(file, codebook)
    assert fault.startswith(f"{file}:3: annotator: nobody has annotated this sentence yet (2 such rows); annotate it")
    assert f"`frameline annotations import {file} --out NEW`" in fault
    labelled = file.read_text(encoding="utf-8").replace("2.,,", "2.,0,0").replace("3.,,", "3.,,1")
    file.write_text(labelled, encoding="utf-8")
    assert [one.frames for one in read_tables([file], Columns(), codebook)] == [(), (), ("fleeing",), ("fleeing",)]
    file.write_text("text,label,annotator\nA.,guarding,nobody\nB.,,nobody\n", encoding="utf-8")
    assert [fault.split(": ")[0] for fault in faults(file, codebook)] == [f"{file}:3"]


def test_a_kind_of_another_meaning_is_passed_over(codebook: Codebook, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("text,label,kind,annotator\nA.,guarding,editorial,ana\nB.,,news,ben\n", encoding="utf-8")
    assert [one.frames for one in read_tables([file], Columns(), codebook)] == [("guarding",), ()]
