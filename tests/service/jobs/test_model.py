"""A job is labelled as the service labels at the moment when it comes."""

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from model.checkpoint import MODEL
from model.codebook import Codebook
from model.registry import Registry
from service.app import create_app
from service.jobs.entry import Task
from service.jobs.job import JobOptions
from service.jobs.ledger import Ledger
from service.settings import ServiceSettings
from tests.checkpoints import vary
from tests.conftest import CODEBOOK_TEXT
from tests.service.jobs.conftest import Client, Start, begun, send, wait

OTHER_FRAMES = {"guarding": "holding"}


@pytest.fixture
def registry(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """v1 is in service, and fits the codebook; v2 has other frames."""
    monkeypatch.setattr("service.model_watch._POLL", 0.02)
    registry = Registry(tmp_path / "registry")
    registry.add(vary(checkpoint, tmp_path / "all", 0.0), by="ada")
    registry.add(vary(checkpoint, tmp_path / "other", 0.0, **OTHER_FRAMES), by="ada")
    registry.promote(registry.version("v1"), None, by="ada")
    return registry


@pytest.fixture
def own_codebook(tmp_path: Path) -> Path:
    """A codebook with one more actor, to be edited."""
    file = tmp_path / "own.yaml"
    file.write_text(f"{CODEBOOK_TEXT}  - {{id: ruritania, name: Ruritania, kind: state}}\n", encoding="utf-8")
    return file


def arguments(folder: Path, job: Any) -> dict[str, str]:
    """What the process of a job was given, by option."""
    given: list[str] = json.loads((folder / "jobs" / job["id"] / "arguments.json").read_text(encoding="utf-8"))
    return {name: value for name, _, value in (one.partition("=") for one in given)}


def codebook(folder: Path, job: Any) -> str:
    """The codebook by which a job is labelled that has begun."""
    return Codebook.load(folder / "jobs" / job["id"] / "input" / arguments(folder, job)["--codebook"]).label


def serving(client: Client) -> dict[str, str]:
    model: dict[str, str] = client.post("/v1/classify", json={"text": "Arland paid late."}).json()["model"]
    return model


def await_notice(client: Client) -> None:
    deadline = time.monotonic() + 60
    while client.get("/health/ready").json()["notice"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_version_that_does_not_fit_the_codebook_labels_no_jobs_either(
    start: Start, folder: Path, registry: Registry, own_codebook: Path
) -> None:
    with start(registry=registry.folder, codebook=own_codebook) as client:
        registry.promote(registry.version("v2"), "v1", by="ada")
        await_notice(client)
        job = wait(client, send(client, "wait"), begun)
        given = arguments(folder, job)
        assert given["--checkpoint"] == str(registry.checkpoint(registry.version("v1")))
        assert serving(client) == {
            "name": "tiny",
            "version": given["--model-version"],
            "codebook": codebook(folder, job),
        }


def test_where_the_version_in_service_is_damaged_the_one_that_serves_labels_jobs(
    start: Start, folder: Path, registry: Registry
) -> None:
    registry.promote(registry.version("v2"), "v1", by="ada")
    (registry.checkpoint(registry.version("v2")) / MODEL).unlink()
    with start(registry=registry.folder) as client:
        given = arguments(folder, wait(client, send(client, "finish")))
        assert serving(client)["version"] == given["--model-version"] == "1.0+v1"
        assert given["--checkpoint"] == str(registry.checkpoint(registry.version("v1")))


def test_where_the_version_that_serves_is_gone_no_job_is_taken(start: Start, folder: Path, registry: Registry) -> None:
    with start(registry=registry.folder) as client:
        (registry.checkpoint(registry.version("v1")) / MODEL).unlink()
        answer = client.post(
            "/v1/jobs", content=b'{"text": "finish"}', headers={"Content-Type": "application/x-ndjson"}
        )
        assert answer.status_code == 503
        assert "the model in service cannot be found" in answer.json()["detail"]
    assert list((folder / "jobs").iterdir()) == list((folder / "incoming").iterdir()) == []


def test_a_codebook_that_is_edited_changes_no_job_before_the_service_labels_by_it(
    start: Start, folder: Path, own_codebook: Path
) -> None:
    with start(codebook=own_codebook) as client:
        before = serving(client)
        own_codebook.write_text(CODEBOOK_TEXT, encoding="utf-8")
        job, waiting = send(client, "wait"), send(client, "wait")
        assert codebook(folder, wait(client, job, begun)) == serving(client)["codebook"] == before["codebook"]
    with start(codebook=own_codebook) as client:
        wait(client, job, begun)
        assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
        assert codebook(folder, wait(client, waiting, begun)) == before["codebook"]
        assert serving(client)["codebook"] != before["codebook"]


def test_a_job_that_reads_files_by_itself_keeps_the_codebook_too(start: Start, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "wait"}', encoding="utf-8")
    with start(jobs_roots=(str(tmp_path),)) as client:
        answer = client.post("/v1/jobs", json={"input": [str(tmp_path / "a.jsonl")]})
        assert codebook(folder, wait(client, answer.json(), begun)) == serving(client)["codebook"]


def test_the_checkpoint_of_the_settings_has_its_own_version(client: Client, folder: Path, checkpoint: Path) -> None:
    given = arguments(folder, wait(client, send(client, "finish")))
    assert given["--checkpoint"] == str(checkpoint)
    assert "--model-version" not in given


def test_jobs_of_an_earlier_version_go_on(start: Start, folder: Path, checkpoint: Path, own_codebook: Path) -> None:
    (folder / "jobs" / "old" / "input").mkdir(parents=True)
    (folder / "jobs" / "old" / "input" / "a.jsonl").write_text('{"id": "a", "text": "finish"}', encoding="utf-8")
    ledger = Ledger(folder / "jobs.sqlite")
    ledger.add("old", "", Task(name="a", inputs=("a.jsonl",), options=JobOptions(), checkpoint=str(checkpoint)), 9)
    ledger.close()
    with sqlite3.connect(folder / "jobs.sqlite") as connection:
        connection.execute("UPDATE jobs SET task = json_remove(task, '$.codebook', '$.version')")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with start(codebook=own_codebook) as client:
        job = wait(client, {"id": "old"})
        assert job["status"] == "finished"
        given = arguments(folder, job)
    assert given["--codebook"] == str(own_codebook)
    assert "--model-version" not in given


def test_the_manifest_names_the_model_as_other_answers_do(
    registry: Registry, own_codebook: Path, checkpoint: Path, folder: Path
) -> None:
    """With a real process."""
    settings = ServiceSettings(
        checkpoint=checkpoint,
        registry=registry.folder,
        codebook=own_codebook,
        jobs_folder=folder,
        jobs_workers=1,
        threads=1,
    )
    with Client(create_app(settings)) as client:
        own_codebook.write_text(CODEBOOK_TEXT, encoding="utf-8")
        job = wait(client, send(client, "People fled the town.", any_language=True))
        assert (job["status"], job["message"]) == ("finished", "")
        manifest = client.get(f"/v1/jobs/{job['id']}/results", params={"table": "manifest"}).json()
        model = serving(client)
    assert {name: manifest["model"][name] for name in model} == model
    assert model["version"] == "1.0+v1"
