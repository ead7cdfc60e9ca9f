"""Label Studio's own files, and what people do in its editor."""

import json
from pathlib import Path
from typing import Any, TypeVar

import pytest

from model.annotation import NOBODY, Annotation
from model.codebook import Actor, Codebook, Frame, Stance
from model.errors import FaultsError
from tests.conftest import ROOT
from training.formats.intake import Intake
from training.formats.label_studio import LabelStudio

Label = TypeVar("Label", Frame, Stance, Actor)
FILES = Path(__file__).parent / "label_studio"
TEXT = "🚢 Arland blamed Voss for the raid."
ARLAND, VOSS, RAID = (2, 8), (16, 20), (25, 33)


def read(content: Any, codebook: Codebook, folder: Path) -> tuple[list[Annotation], Intake]:
    file = folder / "export.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    intake = Intake(codebook)
    LabelStudio().read([file], intake)
    return intake.finish(), intake


def task(*results: dict[str, Any], **fields: Any) -> dict[str, Any]:
    annotation = {"id": 5, "completed_by": 3, "result": list(results)}
    return {"id": 9, "data": {"text": TEXT, "document": "d"}, "annotations": [annotation], **fields}


def span(region: str, place: tuple[int, int], *labels: str, quoted: bool = True) -> dict[str, Any]:
    value: dict[str, Any] = {"start": place[0], "end": place[1], "labels": list(labels)}
    if quoted:
        value["text"] = TEXT[place[0] : place[1]]
    return {"id": region, "from_name": "span", "to_name": "text", "type": "labels", "value": value}


def said(region: str, kind: str, **value: Any) -> dict[str, Any]:
    return {"id": region, "from_name": "any", "to_name": "text", "type": kind, "value": value}


def relation(start: str, end: str, *labels: str, direction: str = "right") -> dict[str, Any]:
    return {"type": "relation", "from_id": start, "to_id": end, "direction": direction, "labels": list(labels)}


def test_files_that_label_studio_wrote(tmp_path: Path) -> None:
    """The first task was labelled over the API, the second in the editor with mouse and keys; version 1.23.2."""
    codebook = Codebook.load(ROOT / "data/annotations/codebook.yaml")
    text = (FILES / "export.json").read_text(encoding="utf-8")
    assert LabelStudio().recognises(FILES / "export.json", text)
    found, intake = read(text, codebook, tmp_path)
    labelled = [
        (one.id, one.frames, [(one.mention(actor), actor.stance, actor.actor) for actor in one.actors]) for one in found
    ]
    assert labelled == [
        ("s0", ("humanitarian_concern",), [("NATO", "critical", "nato")]),
        ("s1", ("security_justification",), [("Athens", "neutral", None), ("Berlin", "supportive", "germany")]),
    ]
    assert [found[0].mention(open_) for open_ in found[0].undecided] == ["Red Cross"]
    assert {(one.document, one.origin, one.annotator) for one in found} == {("harbour", "authored", "label-studio:2")}
    assert intake.notes["skipped tasks of Label Studio left out"] == 1
    again = tmp_path / "again.json"
    LabelStudio().write(found, again, codebook)
    assert read(again.read_text(encoding="utf-8"), codebook, tmp_path)[0] == found
    minimal = (FILES / "export_min.json").read_text(encoding="utf-8")
    assert LabelStudio().recognises(FILES / "export_min.json", minimal)
    with pytest.raises(FaultsError, match="JSON-MIN.*export the project as JSON"):
        read(minimal, codebook, tmp_path)


def test_ids_and_names_count_alike(codebook: Codebook, tmp_path: Path) -> None:
    results = (
        said("f", "choices", choices=["Fleeing", "guarding"]),
        span("a", ARLAND, "Actor"),
        said("a", "choices", choices=["Supportive"]),
        said("a", "textarea", text=["Republic of Arland"]),
        span("v", VOSS, "critical"),
        span("u", RAID, "Undecided"),
    )
    ((annotation,), _) = read([task(*results)], codebook, tmp_path)
    assert annotation.frames == ("guarding", "fleeing")
    assert [(actor.start, actor.end) for actor in annotation.actors] == [ARLAND, VOSS]
    assert [(actor.stance, actor.actor) for actor in annotation.actors] == [
        ("supportive", "arland"),
        ("critical", None),
    ]
    assert [(open_.start, open_.end) for open_ in annotation.undecided] == [RAID]
    assert (annotation.id, annotation.document, annotation.annotator) == ("task-9", "d", "label-studio:3")


def _turned(labels: tuple[Label, ...]) -> list[tuple[Label, Label]]:
    """Each label, and the one before it."""
    return list(zip(labels, labels[-1:] + labels[:-1], strict=True))


def test_where_a_name_is_the_id_of_another_the_id_counts(codebook: Codebook, tmp_path: Path) -> None:
    """The second of two that are called as each other's ids takes neither the first's labels nor those of spans."""
    frames = [frame.model_copy(update={"name": other.id}) for frame, other in _turned(codebook.frames)]
    stances = [stance.model_copy(update={"name": other.id}) for stance, other in _turned(codebook.stances)]
    stances.append(stances[0].model_copy(update={"id": "open", "name": "undecided"}))
    stances.append(stances[0].model_copy(update={"id": "acting", "name": "Actor"}))
    actors = [actor.model_copy(update={"name": other.id}) for actor, other in _turned(codebook.actors)]
    update = {"frames": tuple(frames), "stances": tuple(stances), "actors": tuple(actors)}
    results = (
        said("f", "choices", choices=["guarding"]),
        span("a", ARLAND, "actor"),
        said("a", "choices", choices=["supportive"]),
        said("a", "textarea", text=["arland"]),
        span("v", VOSS, "critical"),
        span("u", RAID, "undecided"),
    )
    ((annotation,), _) = read([task(*results)], codebook.model_copy(update=update), tmp_path)
    assert annotation.frames == ("guarding",)
    assert [(actor.stance, actor.actor) for actor in annotation.actors] == [
        ("supportive", "arland"),
        ("critical", None),
    ]
    assert [(open_.start, open_.end) for open_ in annotation.undecided] == [RAID]


@pytest.mark.parametrize(
    ("relations", "reason"),
    [
        ([relation("a", "v", "critical")], ()),
        ([relation("v", "a", "Critical", direction="left")], ()),
        ([relation("r", "v")], (span("r", RAID, "critical"),)),
        ([relation("v", "r")], (span("r", RAID, "critical"),)),
    ],
)
def test_stances_as_relations(
    relations: list[dict[str, Any]], reason: tuple[dict[str, Any], ...], codebook: Codebook, tmp_path: Path
) -> None:
    named = (span("a", ARLAND, "actor"), said("a", "choices", choices=["neutral"]), span("v", VOSS, "actor"))
    ((annotation,), _) = read([task(*named, *reason, *relations)], codebook, tmp_path)
    assert [actor.stance for actor in annotation.actors] == ["neutral", "critical"]


def test_sentences_that_nobody_has_labelled_yet_are_tasks_without_annotations(
    annotations: list[Annotation], codebook: Codebook, tmp_path: Path
) -> None:
    blank = annotations[0].model_copy(update={"annotator": NOBODY, "frames": (), "actors": ()})
    LabelStudio().write([blank], tmp_path / "tasks.json", codebook)
    (written,) = json.loads((tmp_path / "tasks.json").read_bytes())
    assert (written["data"]["text"], written["annotations"]) == (blank.text, [])


def test_offsets_in_utf_16_of_old_versions_are_understood(codebook: Codebook, tmp_path: Path) -> None:
    old = span("v", VOSS, "critical")
    old["value"] |= {"start": VOSS[0] + 1, "end": VOSS[1] + 1}
    ((annotation,), _) = read([task(old)], codebook, tmp_path)
    assert annotation.mention(annotation.actors[0]) == "Voss"


def test_white_space_at_the_edges_is_cut_off(codebook: Codebook, tmp_path: Path) -> None:
    ((annotation,), _) = read([task(span("v", (15, 21), "critical"))], codebook, tmp_path)
    assert annotation.mention(annotation.actors[0]) == "Voss"


def test_what_is_left_out_is_counted(codebook: Codebook, tmp_path: Path) -> None:
    skipped = {"id": 6, "was_cancelled": True, "result": []}
    others = (span("p", RAID, "Place"), said("x", "rating"), relation("p", "q"))
    given = task(*others, predictions=[1, 2], drafts=[{}])
    given["annotations"].append(skipped)
    blank = {"data": {"text": TEXT}, "annotations": []}
    ((annotation,), intake) = read([given, blank, blank], codebook, tmp_path)
    assert (annotation.frames, annotation.actors) == ((), ())
    assert intake.notes == {
        "drafts of Label Studio left out": 1,
        "predictions of Label Studio left out": 2,
        "skipped tasks of Label Studio left out": 1,
        "tasks without annotations of Label Studio left out": 2,
        "spans labelled 'place' left out": 1,
        "results of the tag 'any' left out": 1,
        "relations that give no stance toward an actor left out": 1,
    }


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        ("[{", ["not JSON"]),
        ("{}", ["a list of tasks is needed"]),
        ('[{"data": {"text": "x"}, "annotations": [], "annotations": []}]', ["the key 'annotations' stands twice"]),
        ([{"annotation_id": 1, "frames": "guarding"}], ["[0]: this is Label Studio's JSON-MIN"]),
        ([{"data": []}, {"annotations": []}], ["[0]: data: ", "[1]: data: "]),
        ([{"data": {"a": "x", "b": "y"}, "annotations": []}], ["[0]: data.text: the sentence is missing"]),
        ([task(span("v", VOSS, "critical"), data={"text": 123})], ["[0]: data.text: the sentence is missing"]),
        ([task(span("v", VOSS, "actor"))], ["result[0]: the stance toward 'Voss' is missing: choose one"]),
        (
            [task(span("v", VOSS, "critical"), said("v", "choices", choices=["neutral"]))],
            ["the stance toward 'Voss' is critical and neutral: keep one"],
        ),
        (
            [task(span("v", VOSS, "actor", "critical"))],
            ["result[0].value.labels: actor and critical exclude each other"],
        ),
        (
            [task(span("v", (16, 99), "critical"))],
            ["result[0].value: 16 to 99 holds nothing of a text of 34 characters"],
        ),
        ([task(span("v", (20, 16), "critical", quoted=False))], ["start and end are needed"]),
        (
            [
                task(
                    span("v", VOSS, "critical")
                    | {"value": {"start": 1, "end": 5, "text": "Voss", "labels": "critical"}}
                )
            ],
            ["'Voss' does not stand at 1 to 5, where the text has ' Arl'"],
        ),
        (
            [
                task(
                    span("v", VOSS, "critical"),
                    said("v", "textarea", text=["a", "b"]),
                    said("f", "choices", choices=["x"]),
                )
            ],
            ["a, b are several ids of one actor"],
        ),
        (
            [task(said("f", "choices", choices=["fleeing"], start=2, end=8))],
            ["result[0].value: fleeing is chosen for the span that begins at 2, but a frame is the whole sentence's"],
        ),
        (
            [task({**said("f", "choices", choices=["moving"]), "from_name": "frames"})],
            ["[0].annotations[0]: frames[0]: 'moving' is not a frame"],
        ),
    ],
)
def test_faults_are_named(content: Any, messages: list[str], codebook: Codebook, tmp_path: Path) -> None:
    with pytest.raises(FaultsError) as caught:
        read(content, codebook, tmp_path)
    for message in messages:
        assert message in str(caught.value)
    assert all(line.startswith(f"{tmp_path}") for line in str(caught.value).splitlines())
