"""The whole way through a real Label Studio: configuration, tasks, pre-annotations, annotations, export, training."""

import json
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from model.annotation import Annotation, read_annotations
from model.codebook import Codebook
from model.label_studio import actor_results, frame_results
from tests.conftest import ROOT
from tests.end_to_end.label_studio import LabelStudio, executable
from tests.end_to_end.server import Server
from training.formats.intake import Intake
from training.formats.label_studio import LabelStudio as Format
from training.label_studio_config import labelling_config

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not executable().exists(), reason=f"{executable()} is not there: make label-studio"),
]
CODEBOOK = Codebook.load(ROOT / "data/annotations/codebook.yaml")
ASTRAL = "🚢🚢 Ankara blamed NATO 😀 for the empty harbour, and the Red Cross fed forty families."
PLAIN = "NATO failed us, Ankara said."


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudio]:
    with LabelStudio(tmp_path_factory.mktemp("label-studio")) as running:
        yield running


@pytest.fixture(scope="module")
def annotations() -> list[Annotation]:
    """Sentences of ours by three annotators, and one with characters beyond the BMP, names, and an open span."""
    passes = ROOT / "data/annotations/passes"
    chosen = read_annotations([passes / "first.jsonl", passes / "second.jsonl"], CODEBOOK)
    wanted = {annotation.id for annotation in chosen[:60]}
    start, nato, cross = ASTRAL.index("Ankara"), ASTRAL.index("NATO"), ASTRAL.index("Red Cross")
    astral = {
        "id": "astral",
        "document": "ships",
        "text": ASTRAL,
        "frames": ["humanitarian_concern"],
        "actors": [
            {"start": start, "end": start + 6, "stance": "neutral", "actor": "turkey"},
            {"start": nato, "end": nato + 4, "stance": "critical", "actor": None},
        ],
        "undecided": [{"start": cross, "end": cross + 9}],
        "annotator": "Ünal",
        "origin": "written",
    }
    return [*(each for each in chosen if each.id in wanted), Annotation.model_validate(astral)]


def make_project(studio: LabelStudio) -> int:
    project = studio.post("/api/projects", {"title": "Frameline", "label_config": labelling_config(CODEBOOK)})
    number: int = project["id"]
    return number


def fill(studio: LabelStudio, project: int, file: Path) -> None:
    studio.post(f"/api/projects/{project}/import", json.loads(file.read_text(encoding="utf-8")))


def read(file: Path) -> list[Annotation]:
    intake = Intake(CODEBOOK)
    Format().read([file], intake)
    return intake.finish()


def by_sentence(annotations: list[Annotation]) -> dict[tuple[str, str], Annotation]:
    return {(annotation.id, annotation.annotator): annotation for annotation in annotations}


def test_annotations_come_back_identical(studio: LabelStudio, annotations: list[Annotation], tmp_path: Path) -> None:
    written, exported = tmp_path / "tasks.json", tmp_path / "export.json"
    Format().write(annotations, written, CODEBOOK)
    project = make_project(studio)
    fill(studio, project, written)
    exported.write_bytes(studio.export(project))
    assert Format().recognises(exported, exported.read_text(encoding="utf-8")[:65_536])
    assert read(exported) == read(written)
    assert by_sentence(read(exported)).keys() == by_sentence(annotations).keys()


def test_what_is_changed_there_is_by_whom_changed_it(
    studio: LabelStudio, annotations: list[Annotation], tmp_path: Path
) -> None:
    written, exported = tmp_path / "tasks.json", tmp_path / "export.json"
    Format().write(annotations[-1:], written, CODEBOOK)
    project = make_project(studio)
    fill(studio, project, written)
    (task,) = studio.get("/api/tasks", project=project)["tasks"]
    (before,) = studio.get(f"/api/tasks/{task['id']}")["annotations"]
    studio.patch(f"/api/annotations/{before['id']}", {"result": frame_results(["alliance_criticism"])})
    exported.write_bytes(studio.export(project))
    (after,) = read(exported)
    assert after.annotator.startswith("label-studio:")
    assert (after.frames, after.actors) == (("alliance_criticism",), ())


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_predictions_come_and_annotations_are_trained_on(
    studio: LabelStudio, annotations: list[Annotation], tmp_path: Path
) -> None:
    learned = tmp_path / "learned.jsonl"
    command = [sys.executable, str(ROOT / "frameline.py"), "annotations", "import", "{annotations}"]
    command += ["--format", "label-studio", "--out", str(learned)]
    settings = {
        "FRAMELINE_LABEL_STUDIO_FOLDER": str(tmp_path / "kept"),
        "FRAMELINE_LABEL_STUDIO_COMMAND": shlex.join(command),
        "FRAMELINE_LABEL_STUDIO_CHANGES": "2",
    }
    with Server(**settings) as server:
        project = make_project(studio)
        url = f"http://127.0.0.1:{server.port}/label-studio"
        backend = studio.post("/api/ml", {"project": project, "url": url, "title": "Frameline"})
        assert studio.get(f"/api/ml/{backend['id']}")["readable_state"] == "Connected"
        unlabelled = [{"data": {"text": text, "document": "d"}} for text in (ASTRAL, PLAIN, " ")]
        studio.post(f"/api/projects/{project}/import", unlabelled)
        studio.post(
            f"/api/dm/actions?id=retrieve_tasks_predictions&project={project}", {"selectedItems": {"all": True}}
        )
        tasks = studio.get("/api/tasks", project=project, fields="all")["tasks"]
        predicted = {task["data"]["text"]: studio.get("/api/predictions", task=task["id"]) for task in tasks}
        assert [len(predictions) for predictions in predicted.values()] == [1, 1, 1]
        found = [result["value"] for result in predicted[ASTRAL][0]["result"] if result["type"] == "labels"]
        assert {"Ankara", "NATO"} <= {ASTRAL[value["start"] : value["end"]] for value in found}
        known = [result["value"]["text"] for result in predicted[ASTRAL][0]["result"] if result["type"] == "textarea"]
        assert ["nato"] in known
        assert predicted[ASTRAL][0]["model_version"].startswith("frameline-")

        ids = {task["data"]["text"]: task["id"] for task in tasks}
        start = ASTRAL.index("NATO")
        result = [*frame_results(["humanitarian_concern"]), *actor_results(ASTRAL, start, start + 4, "critical", None)]
        kept = studio.post(f"/api/tasks/{ids[ASTRAL]}/annotations", {"result": result})
        wait_for(lambda: server.get("/label-studio/state")["changed"] == 1)
        gone = studio.post(f"/api/tasks/{ids[PLAIN]}/annotations", {"result": []})
        wait_for(lambda: (server.get("/label-studio/state")["run"] or {}).get("state") in ("succeeded", "failed"))
        state = server.get("/label-studio/state")
        assert state["run"]["state"] == "succeeded", Path(state["run"]["log"]).read_text(encoding="utf-8")
        assert (state["annotations"], state["changed"]) == (2, 0)
        studio.delete(f"/api/annotations/{gone['id']}")
        wait_for(lambda: server.get("/label-studio/state")["changed"] == 1)
        assert server.get("/label-studio/state")["annotations"] == 1
        studio.post(f"/api/ml/{backend['id']}/train", {})
        wait_for(lambda: server.get("/label-studio/state")["run"]["number"] == 2)
        wait_for(lambda: server.get("/label-studio/state")["run"]["state"] != "running")
    annotation, other = read_annotations([learned], CODEBOOK)
    assert (annotation.text, other.text) == (ASTRAL, PLAIN)
    assert annotation.frames == ("humanitarian_concern",)
    assert [annotation.mention(actor) for actor in annotation.actors] == ["NATO"]
    assert annotation.annotator == f"label-studio:{kept['completed_by']}"
