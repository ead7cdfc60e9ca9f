from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model.annotation import Annotation
from model.codebook import Codebook
from model.labeller import Labeller
from training.examples import Example
from training.labelled_table import read_tables
from training.lessons import Lessons
from training.material import Material
from training.reserved import Reserved
from training.run_folder import RunError
from training.settings import TrainingSettings
from training.sources import Sources
from training.table_columns import Columns


@pytest.fixture
def gather(codebook: Codebook, codebook_file: Path) -> Callable[..., Lessons]:
    """What is learned from some annotations, supplements and sentences of NewsMTSC."""

    def gathered(annotations: list[Annotation], corpus: Sequence[str] = (), **updates: Any) -> Lessons:
        sources, settings = Sources((), codebook_file), TrainingSettings(held_out=0.0, repeat=3)
        material = Material.divide(annotations, Reserved(), sources, settings, codebook)
        polarities = [Example(text, "x", ()) for text in corpus]
        material = replace(material, polarities=polarities, supplements=updates.pop("supplements", []))
        return Lessons.gather(material, replace(sources, **updates), settings, codebook, None, actors=True)

    return gathered


def test_what_is_annotated_is_no_further_sentence_too(
    gather: Callable[..., Lessons], annotations: list[Annotation]
) -> None:
    lessons = gather(annotations[:2], [annotations[0].text.upper(), "Arland paid late"])
    assert [one.text for one in lessons.annotated] == [one.text for one in annotations[:2]]
    assert [one.text for one in lessons.corpus] == ["Arland paid late"]
    assert str(lessons) == "2 annotated sentences, 3 times each, 1 of NewsMTSC and 0 without labels"


def test_annotated_sentences_are_repeated_only_beside_others(
    gather: Callable[..., Lessons], annotations: list[Annotation]
) -> None:
    assert gather(annotations[:2]).times == 1
    beside = gather(annotations[:2], supplements=annotations[2:3])
    assert str(beside) == "2 annotated sentences, 3 times each, 1 of supplements, 0 of NewsMTSC and 0 without labels"


def test_a_table_beside_annotations_with_actors_says_nothing_of_them(
    gather: Callable[..., Lessons], annotations: list[Annotation], codebook: Codebook, tmp_path: Path
) -> None:
    """Wherever it stands; a sentence without an actor says elsewhere that none is there."""
    file = tmp_path / "table.csv"
    file.write_text("text,label\nArland said that Mara Voss paid late,guarding\n", encoding="utf-8")
    rows = read_tables([file], Columns(), codebook)
    bare = annotations[1].model_copy(update={"actors": ()})
    beside = gather([annotations[0], bare, *rows]).annotated
    assert [one.mentions for one in beside] == [annotations[0].actors, (), None]
    supplement = gather(annotations[:1], supplements=[annotations[1], *rows]).supplements
    assert [one.mentions for one in supplement] == [annotations[1].actors, None]


def test_sentences_that_do_not_fit_into_a_window_are_counted(
    gather: Callable[..., Lessons], annotations: list[Annotation], labeller: Labeller
) -> None:
    long = annotations[0].model_copy(update={"text": annotations[0].text + " and late" * 30})
    assert gather([long, annotations[1]], ["Arland paid late" + " and late" * 30]).cut(labeller.tokenizer) == 2


def test_unlabelled_documents_need_a_teacher(
    gather: Callable[..., Lessons], annotations: list[Annotation], tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="without a teacher: give --teacher RUN"):
        gather(annotations[:2], unlabelled=(tmp_path / "pool.jsonl",))
