"""The machine-learning backend as Label Studio calls it."""

import base64
import errno
import json
import os
import shlex
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from model.codebook import Codebook
from model.errors import FramelineError
from model.labeller import Labeller
from service.app import create_app
from service.key_file import KeyFile
from service.label_studio_events import EVENTS, LabelStudioEvents
from service.settings import ServiceSettings, read_settings
from training.label_studio_config import labelling_config

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

TEXT = "🚢 Arland said it would guard the border from Voss."
BASE = "/label-studio"


@pytest.fixture(scope="module")
def config(codebook: Codebook) -> str:
    return labelling_config(codebook)


@pytest.fixture(scope="module")
def client(checkpoint: Path) -> Iterator[TestClient]:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint))) as started:
        yield started


def event(action: str, number: int, **fields: Any) -> dict[str, Any]:
    annotation = {"id": number, "task": 1, "completed_by": 2, "result": [], **fields}
    return {"action": action, "annotation": annotation, "task": {"id": 1, "data": {"text": TEXT}}, "project": {"id": 4}}


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_predictions_say_what_the_model_says(client: TestClient, labeller: Labeller, config: str) -> None:
    tasks = [{"id": 1, "data": {"text": TEXT}}, {"id": 2, "data": {"text": " "}}]
    answer = client.post(f"{BASE}/predict", json={"tasks": tasks, "label_config": config, "params": {}}).json()
    (sentence,) = labeller.classify(TEXT, split=False).sentences
    first, blank = answer["results"]
    frames = [result["value"]["choices"] for result in first["result"] if result["from_name"] == "frames"]
    assert frames == [[score.frame for score in sentence.frames if score.present]][: len(frames)]
    spans = [result["value"] for result in first["result"] if result["from_name"] == "span"]
    assert [TEXT[span["start"] : span["end"]] for span in spans] == [actor.mention for actor in sentence.actors]
    stances = [result["value"]["choices"] for result in first["result"] if result["from_name"] == "stance"]
    assert stances == [[actor.stance] for actor in sentence.actors]
    ids = [result["value"]["text"] for result in first["result"] if result["from_name"] == "actor_id"]
    assert ids == [[actor.actor] for actor in sentence.actors if actor.actor is not None]
    sure = [label.confidence for label in sentence.frames] + [label.confidence for label in sentence.actors]
    assert first["score"] == pytest.approx(min(sure), abs=1e-4)
    assert (blank["result"], blank["score"]) == ([], 1)
    assert {first["model_version"], answer["model_version"]} == {"tiny 1.0"}


def test_only_what_is_asked_for_is_filled(client: TestClient) -> None:
    config = (
        '<View><Text name="text" value="$t"/><Labels name="span" toName="text"><Label value="actor"/></Labels></View>'
    )
    answer = client.post(f"{BASE}/predict", json={"tasks": [{"data": {"t": TEXT}}], "label_config": config}).json()
    assert {result["from_name"] for result in answer["results"][0]["result"]} == {"span"}


def test_setup_health_and_versions(client: TestClient, config: str) -> None:
    assert client.post(f"{BASE}/setup", json={"project": "1.2", "schema": config}).json() == {
        "model_version": "tiny 1.0"
    }
    assert client.get(f"{BASE}/health").json() == {"status": "UP"}
    assert client.get(f"{BASE}/versions").json() == {"versions": ["tiny 1.0"]}
    answer = client.post(f"{BASE}/setup", json={"schema": "<View/>"})
    assert answer.status_code == 422
    assert "frameline codebook label-studio" in answer.json()["errors"][0]["msg"]


def test_a_task_without_the_text_is_named(client: TestClient, config: str) -> None:
    tasks = [{"data": {"text": "a"}}, {"data": {"body": "a"}}]
    answer = client.post(f"{BASE}/predict", json={"tasks": tasks, "label_config": config})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body", "tasks", 1, "data", "text"]


def test_by_default_nothing_is_kept(client: TestClient) -> None:
    assert client.post(f"{BASE}/webhook", json=event("ANNOTATION_CREATED", 1)).json() == {"kept": False}
    assert client.get(f"{BASE}/state").json()["enabled"] is False


def test_a_page_of_another_origin_cannot_send_events(client: TestClient) -> None:
    body = json.dumps(event("ANNOTATION_CREATED", 1)).encode()
    for headers in ({}, {"Content-Type": "text/plain"}):
        assert client.post(f"{BASE}/webhook", content=body, headers=headers).status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        {"action": "ANNOTATION_CREATED"},
        {"action": "ANNOTATIONS_DELETED"},
        event("ANNOTATION_UPDATED", 1, task=2),
        event("ANNOTATION_CREATED", -1),
        {"action": "START_TRAINING", "annotation": [{"id": True, "task": 1}]},
        {"action": "START_TRAINING", "annotation": [{"id": "1", "task": 1}]},
        {"action": "START_TRAINING", "annotation": [{"id": 1.5, "task": 1}]},
    ],
)
def test_incomplete_events_are_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post(f"{BASE}/webhook", json=body).status_code == 422


def test_an_id_may_be_written_with_a_decimal_point(client: TestClient) -> None:
    body = {"action": "START_TRAINING", "annotation": [{"id": 7.0, "task": 1}]}
    assert client.post(f"{BASE}/webhook", json=body).status_code == 200


def test_the_key_may_come_as_a_password(checkpoint: Path, file: KeyFile, key: str, config: str) -> None:
    settings = ServiceSettings(checkpoint=checkpoint, keys_file=file.path, require_keys=True)
    with TestClient(create_app(settings)) as client:
        sent = {"tasks": [], "label_config": config}
        assert client.post(f"{BASE}/predict", json=sent).status_code == 401
        assert client.post(f"{BASE}/predict", json=sent, auth=("label-studio", key)).status_code == 200
        assert client.post(f"{BASE}/predict", json=sent, auth=(key, "")).status_code == 401
        assert client.get("/v1/codebook", auth=("label-studio", key)).status_code == 401
        for wrong in ("Basic %%%", "Basic " + base64.b64encode(key.encode()).decode()):
            assert client.get(f"{BASE}/health", headers={"Authorization": wrong}).status_code == 401


def test_the_webhook_asks_for_its_secret(checkpoint: Path) -> None:
    settings = ServiceSettings(checkpoint=checkpoint, label_studio_secret=SecretStr("long-enough"))
    with TestClient(create_app(settings)) as client:
        for headers, status in (
            ({}, 401),
            ({"X-Frameline-Secret": "lóng"}, 401),
            ({"X-Frameline-Secret": "long-enough"}, 200),
        ):
            sent = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
            assert client.post(f"{BASE}/webhook", json=event("PROJECT_UPDATED", 1), headers=sent).status_code == status


def script(folder: Path, code: str) -> str:
    file = folder / "train.py"
    file.write_text(code, encoding="utf-8")
    return shlex.join([sys.executable, str(file), "{annotations}"])


def test_training_starts_when_enough_has_changed_and_never_twice(checkpoint: Path, tmp_path: Path) -> None:
    going = tmp_path / "going"
    code = (
        "import pathlib, time\nprint('began', flush=True)\n"
        f"while not pathlib.Path({str(going)!r}).exists(): time.sleep(0.02)"
    )
    settings = ServiceSettings(
        checkpoint=checkpoint,
        label_studio_folder=tmp_path / "kept",
        label_studio_command=script(tmp_path, code),
        label_studio_changes=2,
    )
    with TestClient(create_app(settings)) as client:

        def state() -> Any:
            return client.get(f"{BASE}/state").json()

        def send(body: dict[str, Any]) -> None:
            assert client.post(f"{BASE}/webhook", json=body).json() == {"kept": True}

        send(event("ANNOTATION_CREATED", 1))
        send(event("ANNOTATION_UPDATED", 1, result=[{"type": "choices"}]))
        assert (state()["changed"], state()["run"]) == (1, None)
        send(event("ANNOTATION_CREATED", 2))
        assert (state()["run"]["number"], state()["run"]["state"], state()["changed"]) == (1, "running", 0)
        for number in (3, 4, 5):
            send(event("ANNOTATION_CREATED", number))
        send({"action": "START_TRAINING"})
        assert (state()["run"]["number"], state()["changed"]) == (1, 3)
        with pytest.raises(FramelineError, match="another running service"), TestClient(create_app(settings)):
            pass
        going.touch()
        wait_for(lambda: state()["run"]["number"] == 2 and state()["run"]["state"] == "succeeded")
        send({"action": "ANNOTATIONS_DELETED", "annotations": [{"id": 5}]})
        assert (state()["annotations"], state()["changed"]) == (4, 1)
        first, second = (json.loads((tmp_path / f"kept/run-000{n}/annotations.json").read_bytes()) for n in (1, 2))
        assert [annotation["id"] for annotation in first[0]["annotations"]] == [1, 2]
        assert first[0]["annotations"][0]["result"] == [{"type": "choices"}]
        assert len(second[0]["annotations"]) == 5
        assert (tmp_path / "kept/run-0001/log.txt").read_text(encoding="utf-8") == "began\n"
    with TestClient(create_app(settings)) as client:
        assert (state()["annotations"], state()["changed"]) == (4, 1)
        send({"action": "TASKS_DELETED", "tasks": [{"id": 1}]})
        assert (state()["annotations"], state()["changed"]) == (0, 5)


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({"annotation": {"id": "x"}, "task": {"id": True}}, ["annotation.id", "annotation.task", "task.id"]),
        ({"annotation": [{"id": 1}], "task": [3]}, ["annotation.0.task", "task.0"]),
        ({"annotation": 3, "task": "x"}, ["annotation", "task"]),
    ],
)
def test_a_fault_of_an_event_is_named_by_its_field_alone(
    client: TestClient, fields: dict[str, Any], places: list[str]
) -> None:
    answer = client.post(f"{BASE}/webhook", json={"action": "ANNOTATION_CREATED", **fields})
    assert answer.status_code == 422
    assert [".".join(map(str, fault["loc"])) for fault in answer.json()["errors"]] == [f"body.{at}" for at in places]


def test_lists_that_stand_deeply_in_one_another_are_a_fault_of_the_event(client: TestClient) -> None:
    body = event("ANNOTATION_CREATED", 1, result="half \ud83d emoji", deep="DEEP")
    content = json.dumps(body).replace('"DEEP"', "[" * 500 + "]" * 500)
    answer = client.post(f"{BASE}/webhook", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_what_is_kept_is_for_its_owner_alone_wherever_the_folder_is(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o755)
    settings = ServiceSettings(
        checkpoint=checkpoint,
        label_studio_folder=folder,
        label_studio_command=script(tmp_path, ""),
        label_studio_changes=1,
    )
    with TestClient(create_app(settings)) as client:
        client.post(f"{BASE}/webhook", json=event("ANNOTATION_CREATED", 1))
        wait_for(lambda: client.get(f"{BASE}/state").json()["run"]["state"] == "succeeded")
    modes = [(folder / name).stat().st_mode & 0o077 for name in (EVENTS, "run-0001")]
    assert modes == [0, 0]


def test_half_of_a_surrogate_pair_in_a_task_stops_nothing(checkpoint: Path, tmp_path: Path) -> None:
    settings = ServiceSettings(
        checkpoint=checkpoint,
        label_studio_folder=tmp_path / "kept",
        label_studio_command=script(tmp_path, ""),
        label_studio_changes=1,
    )
    body = event("ANNOTATION_CREATED", 1)
    body["task"]["data"] = {"text": "half \ud83d emoji"}
    for _ in range(2):
        with TestClient(create_app(settings)) as client:
            answer = client.post(
                f"{BASE}/webhook", content=json.dumps(body), headers={"Content-Type": "application/json"}
            )
            assert answer.json() == {"kept": True}
            wait_for(lambda: client.get(f"{BASE}/state").json()["run"]["state"] == "succeeded")
    (first, *_) = json.loads((tmp_path / "kept/run-0001/annotations.json").read_bytes())
    assert first["data"]["text"] == "half \ud83d emoji"


def test_training_that_cannot_start_does_not_stop_the_service(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ServiceSettings(
        checkpoint=checkpoint,
        label_studio_folder=tmp_path / "kept",
        label_studio_command=script(tmp_path, ""),
        label_studio_changes=1,
    )

    def full(*_: object) -> bool:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("service.training_runs.TrainingRuns.start", full)
        for _ in range(2):
            with TestClient(create_app(settings)) as client:
                assert client.post(f"{BASE}/webhook", json=event("ANNOTATION_CREATED", 1)).json() == {"kept": True}
    with TestClient(create_app(settings)) as client:
        wait_for(lambda: (client.get(f"{BASE}/state").json()["run"] or {}).get("state") == "succeeded")


def test_a_configuration_with_half_of_a_surrogate_pair_is_refused(client: TestClient) -> None:
    for path, field in (("setup", "schema"), ("predict", "label_config")):
        body = json.dumps({"project": "1", "tasks": [], field: "<a\ud800/>"})
        answer = client.post(f"{BASE}/{path}", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", field])


def test_a_run_that_fails_and_one_that_is_stopped(checkpoint: Path, tmp_path: Path) -> None:
    code = "import sys, time\nif 'run-0001' in sys.argv[1]: sys.exit('no gold here')\ntime.sleep(60)"
    settings = ServiceSettings(
        checkpoint=checkpoint,
        label_studio_folder=tmp_path,
        label_studio_command=script(tmp_path, code),
        label_studio_changes=1,
    )
    with TestClient(create_app(settings)) as client:
        client.post(f"{BASE}/webhook", json=event("ANNOTATION_CREATED", 1))
        wait_for(lambda: client.get(f"{BASE}/state").json()["run"]["state"] != "running")
        run = client.get(f"{BASE}/state").json()["run"]
        assert (run["state"], run["exit_code"]) == ("failed", 1)
        assert "no gold here" in Path(run["log"]).read_text(encoding="utf-8")
        client.post(f"{BASE}/webhook", json=event("ANNOTATION_CREATED", 2))
        assert client.get(f"{BASE}/state").json()["run"]["state"] == "running"
    assert json.loads((tmp_path / "state.json").read_bytes())["state"] == "stopped"


@pytest.mark.skipif(os.name != "posix", reason="a limit of a file's size stands in for a full disk")
def test_an_event_that_cannot_be_written_damages_no_other(tmp_path: Path) -> None:
    import resource

    events = LabelStudioEvents(tmp_path)
    events.add(event("ANNOTATION_CREATED", 1))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / EVENTS).stat().st_size + 10, hard))
        with pytest.raises(OSError, match="space"):
            events.add(event("ANNOTATION_CREATED", 2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert events.annotations == 1
    events.add(event("ANNOTATION_CREATED", 3))
    again = LabelStudioEvents(tmp_path)
    assert (again.annotations, again.changed) == (2, 2)


def test_a_damaged_file_of_events_is_named(checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text('{"action": "TASKS_DELETED", "tasks": []}\n{"acti', encoding="utf-8")
    settings = ServiceSettings(checkpoint=checkpoint, label_studio_folder=tmp_path)
    with pytest.raises(FramelineError, match=r"events\.jsonl:2: damaged"), TestClient(create_app(settings)):
        pass


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"COMMAND": "train {annotations}"}, "needs FRAMELINE_LABEL_STUDIO_FOLDER"),
        ({"COMMAND": "train", "FOLDER": "x"}, "with {annotations}"),
        ({"COMMAND": "train '{annotations}", "FOLDER": "x"}, "with {annotations}"),
        ({"SECRET": "short"}, "at least 8"),
        ({"CHANGES": "0"}, "greater than 0"),
    ],
)
def test_wrong_settings_are_named(variables: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"FRAMELINE_LABEL_STUDIO_{name}", value)
    with pytest.raises(FramelineError) as caught:
        read_settings()
    assert message in str(caught.value)
