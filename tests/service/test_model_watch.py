"""A running service follows its registry."""

import asyncio
import gc
import json
import multiprocessing
import time
import warnings
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from model.checkpoint import CODEBOOK, MODEL, seal
from model.codebook import Codebook
from model.errors import FramelineError
from model.labeller import Labeller
from model.prediction import Document, TextDocument
from model.registry import Registry
from service.app import create_app
from service.labelling import label
from service.model_in_service import ModelInService
from service.model_source import ModelSource
from service.scheduler import Scheduler
from service.settings import ServiceSettings
from tests.checkpoints import vary
from tests.service.server import serving as serving_app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

TEXT = "Arland said it would guard the border. The people fled the town."
LINES = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def registry(checkpoint: Path, tmp_path: Path) -> Registry:
    """v1 gives every frame, v2 none, v3 has another codebook, v4 cannot be loaded."""
    registry = Registry(tmp_path / "registry")
    made = [
        vary(checkpoint, tmp_path / "all", 0.0),
        vary(checkpoint, tmp_path / "none", 1.0),
        vary(checkpoint, tmp_path / "other", 0.0, guarding="holding"),
        vary(checkpoint, tmp_path / "broken", 0.5),
    ]
    (made[3] / MODEL).write_bytes(b"no network")
    seal(made[3])
    for folder in made:
        registry.add(folder, by="ada")
    return registry


@pytest.fixture
def app(registry: Registry, checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setattr("service.model_watch._POLL", 0.02)
    return create_app(ServiceSettings(checkpoint=checkpoint, registry=registry.folder, threads=2))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as started:
        yield started


def until(condition: Callable[[], bool]) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise TimeoutError


def promote(registry: Registry, name: str) -> None:
    registry.promote(registry.version(name), registry.pointer().version, by="ada")


def serving(client: TestClient) -> str:
    version: str = client.get("/health/ready").json()["model"]["version"]
    return version


def present(document: Document) -> set[bool]:
    return {score.present for sentence in document.sentences for score in sentence.frames}


def answer(client: TestClient) -> tuple[str, set[bool]]:
    content = client.post("/v1/classify", json={"text": TEXT}).json()
    return content["model"]["version"], present(Document.model_validate(content["documents"][0]))


def test_promotions_and_rollbacks_take_effect(client: TestClient, registry: Registry, app: FastAPI) -> None:
    assert answer(client)[0] == "1.0"
    promote(registry, "v1")
    until(lambda: serving(client) == "1.0+v1")
    assert answer(client) == ("1.0+v1", {True})
    promote(registry, "v2")
    until(lambda: serving(client) == "1.0+v2")
    assert answer(client) == ("1.0+v2", {False})
    assert [score["label"] for score in client.post("/predict", json={"inputs": "Voss fled."}).json()]
    registry.rollback(by="ada")
    until(lambda: serving(client) == "1.0+v1")
    registry.rollback(by="ada")
    until(lambda: serving(client) == "1.0")
    value = app.state.metrics.registry.get_sample_value
    assert value("frameline_model_loads_total", {"outcome": "loaded"}) == 4
    assert value("frameline_model_outdated") == 0


def test_another_codebook_is_followed_everywhere(client: TestClient, registry: Registry) -> None:
    promote(registry, "v3")
    until(lambda: serving(client) == "1.0+v3")
    content = client.post("/v1/classify", json={"text": "Voss fled."}).json()
    assert [score["frame"] for score in content["documents"][0]["sentences"][0]["frames"]] == ["holding", "fleeing"]
    codebook = client.get("/v1/codebook").json()
    assert [frame["id"] for frame in codebook["frames"]] == ["holding", "fleeing"]
    assert client.get("/info").json()["model_type"]["classifier"]["id2label"]["0"] == "holding"
    metrics = client.get("/metrics").text
    assert (
        f'frameline_model_info{{codebook="{content["model"]["codebook"]}",name="tiny",version="1.0+v3"}} 1.0' in metrics
    )
    assert 'frameline_frames_total{frame="holding"}' in metrics


def test_a_version_that_cannot_be_loaded_leaves_the_other_serving(
    client: TestClient, registry: Registry, app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    promote(registry, "v1")
    until(lambda: serving(client) == "1.0+v1")
    promote(registry, "v4")
    until(lambda: client.get("/health/ready").json()["notice"] is not None)
    health = client.get("/health/ready")
    assert health.status_code == 200
    assert health.json()["notice"] == "v4 could not be loaded, v1 serves in its place; the log has the reason"
    assert answer(client) == ("1.0+v1", {True})
    value = app.state.metrics.registry.get_sample_value
    assert value("frameline_model_loads_total", {"outcome": "failed"}) == 1
    assert value("frameline_model_outdated") == 1
    (record,) = [one for one in caplog.records if one.name == "frameline.models" and one.levelname == "ERROR"]
    assert "cannot be loaded as an ONNX model" in str(record.msg)
    app.state.watch.look()  # as SIGHUP does; nothing else makes it try again
    until(lambda: value("frameline_model_loads_total", {"outcome": "failed"}) == 2)
    registry.rollback(by="ada")
    until(lambda: client.get("/health/ready").json()["notice"] is None)
    assert value("frameline_model_outdated") == 0
    assert answer(client) == ("1.0+v1", {True})


def test_a_registry_that_is_gone_or_damaged_changes_nothing(client: TestClient, registry: Registry) -> None:
    promote(registry, "v1")
    until(lambda: serving(client) == "1.0+v1")
    pointer = registry.folder / "in-service.json"
    pointer.rename(pointer.with_name("away"))
    until(lambda: client.get("/health/ready").json()["notice"] is not None)
    assert "the registry is gone" in client.get("/health/ready").json()["notice"]
    pointer.write_text("{", encoding="utf-8")
    until(lambda: "the registry cannot be read" in client.get("/health/ready").json()["notice"])
    assert serving(client) == "1.0+v1"
    pointer.with_name("away").replace(pointer)
    until(lambda: client.get("/health/ready").json()["notice"] is None)


def test_the_model_before_is_forgotten(client: TestClient, registry: Registry, app: FastAPI) -> None:
    promote(registry, "v1")
    until(lambda: serving(client) == "1.0+v1")
    answer(client)
    before = weakref.ref(app.state.scheduler.labeller)
    promote(registry, "v2")
    until(lambda: serving(client) == "1.0+v2")

    def forgotten() -> bool:
        gc.collect()
        return before() is None

    until(forgotten)


def test_what_was_asked_before_is_labelled_by_the_model_of_that_moment(registry: Registry, app: FastAPI) -> None:
    """A stream that begins before a promotion, and a request whose sentences are not in the queue yet."""
    promote(registry, "v1")
    with serving_app(app) as url, httpx2.Client(base_url=url, timeout=60) as client:
        old = app.state.scheduler.labeller

        def lines() -> Iterator[bytes]:
            yield json.dumps({"text": TEXT}).encode() + b"\n"
            promote(registry, "v2")
            until(lambda: app.state.scheduler.labeller is not old)
            yield json.dumps({"text": TEXT}).encode() + b"\n"

        async def late() -> tuple[Document, ...]:
            document = TextDocument(text=TEXT)
            return await label(app.state.scheduler, [document], True, app.state.settings, labeller=old)

        answered = client.post("/v1/classify", content=lines(), headers=LINES)
        documents = [Document.model_validate_json(line) for line in answered.text.splitlines()]
        documents += asyncio.run(late())
        new = client.post("/v1/classify", json={"text": TEXT}).json()
    assert answered.headers["X-Frameline-Model"].split()[:2] == ["tiny", "1.0+v1"]
    assert [present(document) for document in documents] == [{True}] * 3
    assert (new["model"]["version"], present(Document.model_validate(new["documents"][0]))) == ("1.0+v2", {False})


def test_at_the_start_the_last_version_that_can_be_loaded_serves(
    registry: Registry, checkpoint: Path, app: FastAPI
) -> None:
    promote(registry, "v2")
    promote(registry, "v4")
    with TestClient(app) as client:
        assert answer(client) == ("1.0+v2", {False})
        assert client.get("/health/ready").json()["notice"].startswith("v4 could not be loaded, v2 serves")


def test_a_service_with_no_model_at_all_does_not_start(registry: Registry, checkpoint: Path) -> None:
    promote(registry, "v4")
    source = ModelSource(ServiceSettings(checkpoint=checkpoint, registry=registry.folder))
    with pytest.raises(FramelineError, match="cannot be loaded as an ONNX model"):
        source.load_first()


def test_labels_of_two_models_are_never_run_together(checkpoint: Path, tmp_path: Path) -> None:
    """Where groups are taken from several requests, all of a group have one model."""
    one = Labeller.from_checkpoint(vary(checkpoint, tmp_path / "all", 0.0), threads=1)
    other = Labeller.from_checkpoint(vary(checkpoint, tmp_path / "none", 1.0), threads=1)

    async def work() -> None:
        scheduler = Scheduler(one, 1000, 60)
        sentences = list(one.sentences(TextDocument(text=TEXT)))
        tasks = []
        for number in range(60):
            scheduler.labeller = one if number % 2 else other
            tasks.append(asyncio.create_task(scheduler.label(sentences)))
            await asyncio.sleep(0)
        for number, task in enumerate(tasks):
            assert present(Document(id="0", sentences=tuple(await task))) == {number % 2 == 1}
        await asyncio.to_thread(scheduler.close)

    asyncio.run(work())
    one.close()
    other.close()


def test_others_are_told_the_model_that_serves(
    client: TestClient, app: FastAPI, registry: Registry, checkpoint: Path, codebook: Codebook
) -> None:
    def found() -> ModelInService:
        model: ModelInService = asyncio.run(app.state.watch.model())
        return model

    assert found() == (checkpoint, codebook, None)
    promote(registry, "v3")
    until(lambda: serving(client) == "1.0+v3")
    v3 = registry.checkpoint(registry.version("v3"))
    expected = (v3, Codebook.load(v3 / CODEBOOK), "1.0+v3")
    assert found() == expected
    promote(registry, "v4")
    until(lambda: client.get("/health/ready").json()["notice"] is not None)
    assert found() == expected
    (v3 / MODEL).unlink()
    with pytest.raises(FramelineError):
        found()


def test_the_processes_of_the_model_before_end(registry: Registry, checkpoint: Path) -> None:
    settings = ServiceSettings(checkpoint=checkpoint, registry=registry.folder, threads=1, processes=True)
    before = {child.pid for child in multiprocessing.active_children()}
    with TestClient(create_app(settings)) as client:
        (first,) = {child.pid for child in multiprocessing.active_children()} - before
        promote(registry, "v1")
        until(lambda: answer(client)[0] == "1.0+v1")
        until(lambda: first not in {child.pid for child in multiprocessing.active_children()})
        assert answer(client)[1]
    until(lambda: {child.pid for child in multiprocessing.active_children()} <= before)
