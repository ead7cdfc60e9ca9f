"""Files as the tools themselves write them, with sentences of our own."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from model.annotation import Annotation
from model.codebook import Codebook
from model.errors import FaultsError
from model.unnamed import document_name, sentence_name
from tests.training.formats.damage import SENTENCE
from training.formats.intake import Intake
from training.formats.registry import detect, get_format, read_formats


def read(path: Path, codebook: Codebook, annotator: str | None = None) -> tuple[list[Annotation], Intake]:
    intake = Intake(codebook, annotator)
    read_formats([path], None, intake)
    return intake.finish(), intake


def write_lines(path: Path, *records: Mapping[str, object]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def mentions(annotation: Annotation) -> list[tuple[str, str, str | None]]:
    return [(annotation.mention(actor), actor.stance, actor.actor) for actor in annotation.actors]


@pytest.mark.parametrize(
    ("name", "offsets"),
    [
        ("jsonl", '"start": 2, "end": 8'),
        ("csv", "Arland,2,8"),
        ("prodigy", '"start": 2, "end": 8'),
        ("doccano", "[3, 9, "),
        ("inception-xmi", 'begin="3" end="9"'),
        ("inception-json", '"begin":3,"end":9'),
        ("webanno-tsv", "3-9\tArland"),
        ("brat", "Actor 2 8\tArland"),
    ],
)
def test_what_each_format_counts_behind_an_emoji(name: str, offsets: str, codebook: Codebook, tmp_path: Path) -> None:
    form = get_format(name)
    target = tmp_path / ("out" if form.folder else "out.csv" if name == "csv" else "out.jsonl")
    form.write([Annotation.model_validate(SENTENCE)], target, codebook)
    written = form.files(target)[0] if form.folder else target
    content = written.read_text(encoding="utf-8")
    assert offsets in (content.replace(" ", "") if name == "inception-json" else content)
    assert form.files(target if form.folder else tmp_path) == [written]


def test_doccano_exports_of_each_kind_of_project(codebook: Codebook, tmp_path: Path) -> None:
    text = "😀 Arland will guard the border."
    entity = {"id": 4, "label": "neutral", "start_offset": 3, "end_offset": 9}
    path = write_lines(
        tmp_path / "admin.jsonl",
        {"id": 11, "text": text, "label": ["guarding"], "Comments": []},
        {"id": 12, "text": text, "label": [[3, 9, "critical"]], "Comments": ["why?"]},
        {"id": 13, "text": text, "entities": [entity], "relations": [{"id": 1, "from_id": 4, "to_id": 4, "type": "x"}]},
        {"id": 14, "text": text, "cats": ["fleeing"], "entities": [[3, 9, "supportive"]]},
    )
    found, intake = read(path, codebook, "admin")
    assert [annotation.frames for annotation in found] == [("guarding",), (), (), ("fleeing",)]
    stances = [[], ["critical"], ["neutral"], ["supportive"]]
    assert [[(m, s) for m, s, _ in mentions(one)] for one in found] == [[("Arland", s) for s in row] for row in stances]
    name = sentence_name(document_name(text), text)
    assert [annotation.id for annotation in found] == [name, f"{name}-2", f"{name}-3", f"{name}-4"]
    assert sum("left out" in note for note in intake.notes) == 2


def test_doccano_keeps_the_actor_of_a_span_that_was_moved(codebook: Codebook, tmp_path: Path) -> None:
    text = "Arland and Voss fled to Arville."
    names = [[0, 6, "arland"], [11, 15, "mara-voss"], [24, 31, "arland"]]
    spans = [[0, 6, "neutral"], [7, 15, "critical"], [16, 20, "neutral"]]
    path = write_lines(tmp_path / "moved.jsonl", {"text": text, "cats": [], "entities": spans, "actors": names})
    (found,), intake = read(path, codebook, "ana")
    assert [actor for _, _, actor in mentions(found)] == ["arland", "mara-voss", None]
    assert "doccano: the actor's id 'arland' left out, its span is gone or cannot be told from others" in intake.notes
    spans = [[0, 3, "neutral"], [4, 6, "critical"]]
    path = write_lines(tmp_path / "cut.jsonl", {"text": text, "cats": [], "entities": spans, "actors": names[:1]})
    (found,), intake = read(path, codebook, "ana")
    assert [actor for _, _, actor in mentions(found)] == [None, None]
    assert sum("left out" in note for note in intake.notes) == 1


def test_a_key_that_stands_twice_loses_no_value(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "twice.jsonl"
    path.write_text('{"text": "Voss fled.", "cats": ["fleeing"], "cats": []}\n', encoding="utf-8")
    with pytest.raises(FaultsError, match=r"twice\.jsonl:1: .*the key 'cats' stands twice"):
        read(path, codebook, "ana")


def test_prodigy_takes_accepted_examples_and_says_what_it_leaves_out(codebook: Codebook, tmp_path: Path) -> None:
    span = {"start": 0, "end": 4, "label": "critical", "token_start": 0, "token_end": 0}
    base = {"text": "Voss fled.", "_input_hash": 1, "_task_hash": 2, "_annotator_id": "news-ana", "_view_id": "blocks"}
    path = write_lines(
        tmp_path / "news.jsonl",
        {**base, "spans": [span], "accept": ["fleeing"], "answer": "accept"},
        {**base, "spans": [], "accept": [], "answer": "reject"},
        {**base, "spans": [], "accept": ["fleeing"], "answer": "ignore"},
    )
    (found,), intake = read(path, codebook)
    assert found.frames == ("fleeing",)
    assert mentions(found) == [("Voss", "critical", None)]
    assert found.annotator == "news-ana"
    assert sum("left out" in note for note in intake.notes) == 2


def test_prodigy_binary_answers_become_one_sentence(codebook: Codebook, tmp_path: Path) -> None:
    base = {"text": "Voss fled.", "_input_hash": 1, "_session_id": "ana", "meta": {"score": 0.5}}
    path = write_lines(
        tmp_path / "binary.jsonl",
        {**base, "label": "guarding", "answer": "reject"},
        {**base, "label": "fleeing", "answer": "accept"},
    )
    (found,), _ = read(path, codebook)
    assert found.frames == ("fleeing",)


def test_webanno_tsv_with_subtokens_other_layers_and_two_lines(codebook: Codebook, tmp_path: Path) -> None:
    lines = [
        "#FORMAT=WebAnno TSV 3.3",
        "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue",
        "#T_SP=custom.Actor|identifier|stance",
        "#T_SP=webanno.custom.Frame|frame",
        "#T_RL=webanno.custom.Near|label|BT_webanno.custom.Actor",
        "",
        "",
        "#Text=😀 Anti-Arland",
        "#Text=talk\\tgrows",
        "1-1\t0-2\t😀\t_\t_\t_\t_\t_\t_\t",
        "1-2\t3-14\tAnti-Arland\tNN\t_\t_\tguarding[2]|fleeing[3]\t_\t_\t",
        "1-2.1\t8-14\tArland\t_\tarland\tcritical\t_\t_\t_\t",
        "1-3\t15-19\ttalk\tNN\t*[5]\tneutral[5]\tguarding[2]\t_\t_\t",
        "1-4\t20-25\tgrows\tVB\t*[5]\tneutral[5]\tguarding[2]\t_\t_\t",
        "",
        "#Text=Voss\\\\_ .",
        "2-1\t26-30\tVoss\tNN\t*\tsupportive\t_\t_\t_\t",
        "2-2\t30-32\t\\\\\\_\tNN\t_\t_\t_\t_\t_\t",
        "2-3\t33-34\t.\tNN\t_\t_\t_\t_\t_\t",
    ]
    path = tmp_path / "report.tsv"
    path.write_bytes("\r\n".join([*lines, ""]).encode())
    (first, second), _ = read(path, codebook, "ben")
    assert first.text == "😀 Anti-Arland\ntalk\tgrows"
    assert first.frames == ("guarding", "fleeing")
    assert mentions(first) == [("Arland", "critical", "arland"), ("talk\tgrows", "neutral", None)]
    assert second.text == "Voss\\_ ."
    assert mentions(second) == [("Voss", "supportive", None)]


def test_brat_with_relations_and_fragments(codebook: Codebook, tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_bytes(b"Voss left\nand Arland stayed.\nNobody saw it.")
    lines = [
        "T1\tSentence 0 9;10 28\tVoss left and Arland stayed.",
        "T2\tActor 14 20\tArland",
        "T3\tActor 0 4\tVoss",
        "T4\tSentence 29 43\tNobody saw it.",
        "A1\tStance T3 neutral",
        "M2\tStance T2 critical",
        "A3\tfleeing T1",
        "R1\tNear Arg1:T2 Arg2:T3",
        "#1\tAnnotatorNotes T2\tarland",
        "",
    ]
    (tmp_path / "report.ann").write_bytes("\r\n".join(lines).encode())
    (first, second), intake = read(tmp_path, codebook, "ben")
    assert first.frames == ("fleeing",)
    assert mentions(first) == [("Voss", "neutral", None), ("Arland", "critical", "arland")]
    assert (second.text, second.document) == ("Nobody saw it.", "report")
    assert sum(intake.notes.values()) == 1


def test_inception_names_the_annotator_by_the_file(codebook: Codebook, tmp_path: Path) -> None:
    from cassis import Cas, TypeSystem

    types = TypeSystem()
    sentence = types.create_type(
        "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence", supertypeName="uima.tcas.Annotation"
    )
    actor = types.create_type("webanno.custom.Actor", supertypeName="uima.tcas.Annotation")
    for name in ("stance", "identifier"):
        types.create_feature(actor, name=name, rangeType="uima.cas.String")
    cas = Cas(typesystem=types)
    cas.sofa_string = "😀 Voss fled.\n\nArland paid."
    for begin, end in ((0, 12), (14, 26)):
        cas.add(sentence(begin=begin, end=end))
    cas.add(actor(begin=2, end=6, stance="critical", identifier="mara-voss"))
    folder = tmp_path / "annotation" / "report.txt"
    folder.mkdir(parents=True)
    cas.to_xmi(folder / "ben.xmi")
    (tmp_path / "TypeSystem.xml").write_text(types.to_xml(), encoding="utf-8")
    (first, second), _ = read(tmp_path, codebook)
    assert mentions(first) == [("Voss", "critical", "mara-voss")]
    assert (first.annotator, second.text, second.actors) == ("ben", "Arland paid.", ())


def test_a_table_of_texts_and_frames_is_enough(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "simple.csv"
    path.write_bytes('\ufefftext;guarding;fleeing;topic\r\n"Voss; fled.";;x;war\r\nBread.;0;no;\r\n'.encode())
    found, intake = read(path, codebook, "ana")
    assert [(one.text, one.frames) for one in found] == [("Voss; fled.", ("fleeing",)), ("Bread.", ())]
    assert dict(intake.notes) == {
        "csv: the column 'topic' is none of Frameline's and no frame, left out": 1,
        "a sentence that names no document counts as a document of its own": 2,
    }


def test_a_mention_in_a_table_needs_no_offsets(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "mentions.csv"
    rows = [
        "kind,id,text,guarding,fleeing,mention,stance",
        "actor,1,,,,Voss,critical",
        "sentence,1,Then Voss fled.,0,1,,",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    (found,), _ = read(path, codebook, "ana")
    assert mentions(found) == [("Voss", "critical", None)]


@pytest.mark.parametrize("name", ["", "1"])
def test_a_mention_in_a_table_belongs_to_one_sentence(name: str, codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "mentions.csv"
    rows = [
        "kind,id,text,guarding,fleeing,mention,stance",
        f"sentence,{name},Then Voss fled.,0,1,,",
        f"sentence,{name},Voss paid.,0,0,,",
        f"actor,{name},,,,Voss,critical",
        "sentence,2,Voss paid late.,0,0,,",
        "actor,2,,,,Voss,critical",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read(path, codebook, "ana")
    several = "id: several sentences have this id and annotator; give each its own and repeat it here"
    assert caught.value.faults[0] == f"{path}:4: {several}"
    assert str(caught.value).count(several) == 1


def test_a_task_that_nobody_annotated_is_refused(codebook: Codebook, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "tasks.jsonl", {"text": "Voss fled.", "cats": [], "annotator": "nobody"})
    with pytest.raises(FaultsError, match="give --annotator"):
        read(path, codebook)
    (found,), _ = read(path, codebook, "ana")
    assert found.annotator == "ana"


def test_what_no_format_knows(codebook: Codebook, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    assert detect(tmp_path / "notes.txt") is None
    with pytest.raises(FaultsError) as caught:
        intake = Intake(codebook)
        assert read_formats([tmp_path / "empty", tmp_path / "notes.txt", tmp_path / "gone"], None, intake) == []
        intake.finish()
    assert [fault.split(": ")[1].split(";")[0] for fault in caught.value.faults] == [
        "no annotation files there",
        "not a known format",
        "cannot be read",
    ]


def test_a_pipe_needs_its_format(codebook: Codebook, tmp_path: Path) -> None:
    first, last = os.pipe()
    os.write(last, b'{"text": "Voss fled.", "cats": ["fleeing"]}\n')
    os.close(last)
    pipe = Path(f"/dev/fd/{first}")
    with pytest.raises(FaultsError, match="can be read only once"):
        read_formats([pipe], None, Intake(codebook, "ana"))
    intake = Intake(codebook, "ana")
    assert read_formats([pipe], "doccano", intake) == ["doccano"]
    os.close(first)
    (found,) = intake.finish()
    assert found.frames == ("fleeing",)


HEADER = "kind,id,origin,text,guarding,fleeing,mention,stance,actor"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [HEADER, "sentence,1,,Voss fled.,0,1,Voss,critical,"],
            ["2: mention: 'Voss' on a row", "2: stance: 'critical'"],
        ),
        ([HEADER, "sentence,1,,Voss fled.,0,1,,,", "actor,1,,Voss paid.,,,Voss,critical,"], ["3: text: differs from"]),
        ([HEADER, "sentence,1,a,Voss fled.,0,1,,,", "actor,1,b,,,,Voss,critical,"], ["3: origin: differs from"]),
        ([HEADER, "sentence,1,,Voss fled.,0,1,,,", "actor,1,,,1,x,Voss,critical,"], ["3: guarding: differs from"]),
        (
            [HEADER, "sentence,1,,Voss fled.,0,1,,,", "undecided,1,,,,,Voss,critical,"],
            ["3: stance: 'critical' on a row"],
        ),
        (["text,guarding,fleeing,frame:fleeing", "Voss fled.,0,1,0"], ["1: fleeing: the frame has two columns"]),
    ],
)
def test_a_table_that_contradicts_itself(
    rows: list[str], expected: list[str], codebook: Codebook, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read(path, codebook, "ana")
    assert len(caught.value.faults) == len(expected)
    assert all(f"{path}:{part}" in fault for part, fault in zip(expected, caught.value.faults, strict=True))


def test_rows_of_actors_may_repeat_the_sentence(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [HEADER, "sentence,1,a,Voss fled.,0,1,,,", "actor,1,a,Voss fled.,no,x,Voss,critical,"]
    path.write_text("\n".join(rows), encoding="utf-8")
    (found,), _ = read(path, codebook, "ana")
    assert (found.frames, mentions(found)) == (("fleeing",), [("Voss", "critical", None)])


def test_doccano_labels_under_other_names_are_read(codebook: Codebook, tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "other.jsonl",
        {"text": "Voss fled.", "cats": [], "label": "fleeing"},
        {"text": "Voss fled.", "labels": ["fleeing", [0, 4, "critical"]], "cats": ["fleeing"], "topic": "war"},
    )
    found, intake = read(path, codebook, "ana")
    assert [annotation.frames for annotation in found] == [("fleeing",), ("fleeing",)]
    assert mentions(found[1]) == [("Voss", "critical", None)]
    assert "doccano: the field 'topic' left out, Frameline has no place for it" in intake.notes


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"lable": ["fleeing"]}, "none of the fields label, cats and entities is there"),
        ({"label": ["fleeing"], "cats": ["guarding"]}, "label and cats differ; keep one of the two"),
        ({"labels": [[0, 4, "critical"]], "entities": [[0, 4, "neutral"]]}, "labels and entities differ"),
        ({"label": ["fleeing"], "labels": ["fleeing"]}, "label and labels: one list of categories or spans"),
        ({"label": {"fleeing": 1}}, "label: one list of categories or spans"),
    ],
)
def test_doccano_labels_that_are_lost_are_faults(
    fields: dict[str, object], expected: str, codebook: Codebook, tmp_path: Path
) -> None:
    good = {"text": "Voss paid.", "label": []}
    path = write_lines(tmp_path / "other.jsonl", good, {"text": "Voss fled.", **fields})
    with pytest.raises(FaultsError) as caught:
        read(path, codebook, "ana")
    (fault,) = caught.value.faults
    assert fault.startswith(f"{path}:2: ")
    assert expected in fault


VOSS = {"start": 0, "end": 4, "label": "critical"}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"spans": []}, {"spans": [VOSS]}, "spans, meta: not those that line 1 has"),
        ({"meta": {"id": "a"}}, {"meta": {"id": "b"}}, "spans, meta: not those that line 1 has"),
        ({}, {"label": "guarding", "answer": "reject"}, "label: 'guarding' is both accepted and rejected"),
    ],
)
def test_prodigy_binary_answers_that_contradict_each_other(
    first: dict[str, object], second: dict[str, object], expected: str, codebook: Codebook, tmp_path: Path
) -> None:
    base = {"text": "Voss fled.", "_input_hash": 1, "_session_id": "ana", "answer": "accept"}
    path = write_lines(
        tmp_path / "binary.jsonl", {**base, "label": "guarding", **first}, {**base, "label": "fleeing", **second}
    )
    with pytest.raises(FaultsError) as caught:
        read(path, codebook)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{path}:2: {expected}")


def test_prodigy_spans_of_any_answer_count_and_those_of_an_ignored_one_do_not(
    codebook: Codebook, tmp_path: Path
) -> None:
    base = {"text": "Voss fled.", "_input_hash": 1, "_session_id": "ana"}
    path = write_lines(
        tmp_path / "binary.jsonl",
        {**base, "label": "guarding", "answer": "ignore"},
        {**base, "label": "guarding", "answer": "reject", "spans": [VOSS]},
        {**base, "label": "fleeing", "answer": "accept", "spans": [VOSS]},
    )
    (found,), _ = read(path, codebook)
    assert (found.frames, mentions(found)) == (("fleeing",), [("Voss", "critical", None)])


def test_prodigy_examples_that_say_nothing_of_frames(codebook: Codebook, tmp_path: Path) -> None:
    base = {"text": "Voss fled.", "_session_id": "ana", "answer": "accept"}
    path = write_lines(
        tmp_path / "choice.jsonl",
        base,
        {**base, "choices": ["fleeing"], "spans": []},
        {**base, "accept": [], "label": "fleeing"},
        {**base, "accept": [], "topic": "war"},
    )
    intake = Intake(codebook)
    read_formats([path], None, intake)
    assert [note for note in intake.notes if "left out" in note] == [
        f"prodigy: the field {field!r} left out, Frameline has no place for it" for field in ("choices", "topic")
    ]
    with pytest.raises(FaultsError) as caught:
        intake.finish()
    missing = "accept: missing; give the frames, as [] where none holds"
    assert caught.value.faults == [
        f"{path}:1: {missing}",
        f"{path}:2: {missing}",
        f"{path}:3: label: 'fleeing' is not among those in accept; keep one of the two",
    ]


@pytest.mark.parametrize("again", ["rows.csv", "other/../rows.csv", ""])
def test_a_file_is_imported_once(again: str, codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,guarding,fleeing\nVoss fled.,0,1\n", encoding="utf-8")
    (tmp_path / "other").mkdir()
    intake = Intake(codebook, "ana")
    read_formats([path, tmp_path / again], None, intake)
    with pytest.raises(FaultsError, match="rows.csv: is given twice; give it once"):
        intake.finish()


def test_csv_that_pandas_wrote_and_frames_by_their_names(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "pandas.csv"
    path.write_text(
        "kind,id,text,GUARDING,frame:Fleeing,mention,start,end,stance\n"
        "sentence,1,Arland waits.,1.0,0.0,,,,\nactor,1,,,,Arland,0.0,6.0,critical\n",
        encoding="utf-8",
    )
    (found,), intake = read(path, codebook, "ana")
    assert found.frames == ("guarding",)
    assert mentions(found) == [("Arland", "critical", None)]
    assert not any("left out" in note for note in intake.notes)


def test_a_table_of_another_codebook_is_one_fault(codebook: Codebook, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("text,war,peace\nArland waits.,1,0\n", encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read(path, codebook, "ana")
    (fault,) = caught.value.faults
    assert fault.startswith(f"{path}:1: the whole table: no frame of the codebook {codebook.label} has a column (guard")


def test_suggested_sentences_go_out_empty_and_come_back_when_they_are_filled_in(
    codebook: Codebook, tmp_path: Path
) -> None:
    path = tmp_path / "tasks.csv"
    sentences = [
        Annotation(
            id=str(n), document="a", text=f"Voss fled {n}.", frames=(), actors=(), annotator="nobody", origin="x"
        )
        for n in range(3)
    ]
    get_format("csv").write(sentences, path, codebook)
    text = path.read_text(encoding="utf-8-sig")
    assert ",Voss fled 0.,,," in text
    path.write_text(
        text.replace("Voss fled 0.,,", "Voss fled 0.,0,").replace("Voss fled 1.,,", "Voss fled 1.,,1"), encoding="utf-8"
    )
    found, intake = read(path, codebook, "ana")
    assert [(one.id, one.frames) for one in found] == [("0", ()), ("1", ("fleeing",))]
    left_out = "csv: a sentence of 'nobody' without 1 or 0 for any frame is not annotated yet, left out"
    assert dict(intake.notes) == {left_out: 1}


def test_faults_are_named_by_the_line_of_an_actor_and_by_the_order_in_the_file(
    codebook: Codebook, tmp_path: Path
) -> None:
    table, lines = tmp_path / "rows.csv", tmp_path / "rows.jsonl"
    rows = [HEADER, "sentence,1,,Voss hit Arland.,0,1,,,", "actor,1,,,,,Arland,critical,", "actor,1,,,,,Voss,crtical,"]
    table.write_text("\n".join(rows), encoding="utf-8")
    actors = [{"start": 9, "end": 15, "stance": "crtical"}, {"start": 0, "end": 4, "stance": "critical"}]
    sentence = {"text": "Voss hit Arland.", "frames": [], "actors": actors}
    write_lines(lines, sentence)
    for path, place in ((table, f"{table}:4: actors[1]"), (lines, f"{lines}:1: actors[0]")):
        with pytest.raises(FaultsError) as caught:
            read(path, codebook, "ana")
        (fault,) = caught.value.faults
        assert fault.startswith(f"{place}.stance: 'crtical'")


def test_a_document_that_a_table_would_lose_is_refused(
    annotations: list[Annotation], codebook: Codebook, tmp_path: Path
) -> None:
    named = annotations[0].model_copy(update={"document": "NA"})
    with pytest.raises(FaultsError, match="document: 'NA' says in a table that there is none"):
        get_format("csv").write([named], tmp_path / "rows.csv", codebook)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["csv", "label-studio", "doccano", "prodigy"])
def test_a_folder_that_is_not_there_is_told(
    name: str, annotations: list[Annotation], codebook: Codebook, tmp_path: Path
) -> None:
    with pytest.raises(FaultsError, match="there is no folder .*; make it, or give another name"):
        get_format(name).write(annotations, tmp_path / "missing/rows", codebook)
