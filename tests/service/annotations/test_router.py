"""``/v1/annotations``, over HTTP."""

import asyncio
import json
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from model.annotation import read_annotations
from model.codebook import Codebook
from service.annotations.annotator import Annotator
from service.annotations.database import Database
from service.annotations.keeper import Keeper
from service.annotations.store import Store
from service.api_key import Caller
from service.app import create_app
from service.key_file import KeyFile
from service.key_guard import CALLER
from service.problems import ProblemError
from service.settings import ServiceSettings
from tests.service.annotations.sent import ARLAND, MODEL, row

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

PATH = "/v1/annotations"
LINES = {"Accept": "application/x-ndjson"}


@contextmanager
def service(checkpoint: Path, folder: Path, **given: Any) -> Iterator[TestClient]:
    settings = {"database": f"sqlite:///{folder / 'a.db'}", "max_annotations": 5, "max_body": 20_000, **given}
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint, **settings))) as client:
        yield client


@pytest.fixture
def client(checkpoint: Path, tmp_path: Path) -> Iterator[TestClient]:
    with service(checkpoint, tmp_path) as started:
        yield started


def post(client: TestClient, *rows: dict[str, Any], **headers: str) -> Any:
    return client.post(PATH, json={"annotations": list(rows)}, headers=headers)


def test_what_is_sent_is_kept_listed_and_taken_back(client: TestClient) -> None:
    answer = post(client, row(id="s"), row(id="t", frames=[]))
    assert answer.status_code == 201
    assert answer.json()["annotator"] == "anonymous"
    first, second = answer.json()["annotations"]
    assert first == {
        **row(id="s"),
        "version": 1,
        "replaces": None,
        "annotator": "anonymous",
        "time": first["time"],
        "codebook": client.app.state.scheduler.labeller.codebook.label,  # type: ignore[attr-defined]
        "withdrawn": False,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", first["time"])
    assert client.get(PATH).json() == {"annotator": "anonymous", "annotations": [first, second], "next": None}
    withdrawn = client.delete(f"{PATH}/s")
    assert (withdrawn.status_code, withdrawn.json()["withdrawn"], withdrawn.json()["replaces"]) == (200, True, 1)
    assert client.get(PATH).json()["annotations"] == [second]
    assert client.get(f"{PATH}/s/history").json()["annotations"] == [first, withdrawn.json()]
    assert client.get(PATH, params={"latest": False}).json()["annotations"] == [first, second, withdrawn.json()]


def test_the_same_request_twice_is_answered_alike(client: TestClient) -> None:
    first = post(client, row(id="s"), **{"Idempotency-Key": "one"})
    assert post(client, row(id="s", frames=[])).status_code == 201
    again = post(client, row(id="s"), **{"Idempotency-Key": "one"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = post(client, row(id="t"), **{"Idempotency-Key": "one"})
    assert (other.status_code, other.json()["errors"][0]["loc"]) == (409, ["header", "idempotency-key"])
    assert post(client, row(id="s", frames=[])).status_code == 200  # without a key, what holds already is not new


def test_every_fault_is_named(client: TestClient) -> None:
    faulty = row(id="t", frames=["guarding", "none"], actors=[{**ARLAND, "stance": "so", "actor": "who"}])
    outside = row(id="s", actors=[{**ARLAND, "end": 90}])
    answer = post(client, row(id="s"), faulty, outside)
    assert answer.status_code == 422
    assert [fault["loc"] for fault in answer.json()["errors"]] == [
        ["body", "annotations", 1, "frames", 1],
        ["body", "annotations", 1, "actors", 0, "stance"],
        ["body", "annotations", 1, "actors", 0, "actor"],
        ["body", "annotations", 2, "actors", 0, "end"],
        ["body", "annotations", 2, "id"],
    ]
    assert client.get(PATH).json()["annotations"] == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"annotator": "me"}, "annotator"),
        ({"text": ""}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"text": "  ", "actors": []}, "text"),
        ({"id": "a/b"}, "id"),
        ({"id": "."}, "id"),
        ({"id": " "}, "id"),
        ({"document": "\t\n"}, "document"),
        ({"origin": " "}, "origin"),
        ({"frames": None}, "frames"),
        ({"model": {"name": "x", "version": "1"}}, "codebook"),
        ({"model": {**MODEL, "name": "\ud800"}}, "name"),
        ({"model": {**MODEL, "version": ""}}, "version"),
        ({"model": {**MODEL, "codebook": "a\0b"}}, "codebook"),
        ({"model": {**MODEL, "codebook": "c" * 1_001}}, "codebook"),
        ({"document": "d" * 201}, "document"),
    ],
)
def test_forms_that_cannot_be(client: TestClient, changed: dict[str, Any], field: str) -> None:
    answer = client.post(PATH, content=json.dumps({"annotations": [row(**changed)]}))  # escapes surrogates
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["loc"][-1] == field
    assert "pattern" not in fault["msg"]


@pytest.mark.parametrize(("name", "annotator"), [("Ada", "Ada"), ("", "0a0a0a0a"), (" ", "0a0a0a0a")])
def test_a_key_without_a_name_annotates_under_its_id(name: str, annotator: str) -> None:
    request = Request({"type": "http", "state": {CALLER: Caller("0a0a0a0a", name)}})
    assert Annotator.of(request) == Annotator(annotator, "0a0a0a0a")


def test_no_annotation_is_too_few(client: TestClient) -> None:
    answer = post(client)
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "annotations"])


def test_an_id_that_stands_for_another_sentence_is_a_conflict(client: TestClient) -> None:
    post(client, row(id="s"))
    answer = post(client, row(id="s", document="other"))
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["loc"] == ["body", "annotations", 0, "document"]


def test_limits(client: TestClient) -> None:
    answer = post(client, *(row(id=f"s{number}") for number in range(6)))
    assert "6 annotations; send at most 5" in answer.json()["detail"]
    assert post(client, *[row(text="x" * 5_000, actors=[])] * 5).status_code == 413
    assert post(client).status_code == 422
    many = [row(id=f"s{number}", frames=[f"f{frame}" for frame in range(200)], actors=[]) for number in range(5)]
    faults = post(client, *many[:3]).json()["errors"]
    assert len(faults) == 600


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-01-01T00:00:00",
        "since=0.5",
        "until=0001-01-01T00:00:00%2B05:00",
        "limit=0",
        "limit=1001",
        "cursor=x",
        "frame=",
        "text=%00",
        "latest=maybe",
        "other=1",
    ],
)
def test_filters_that_cannot_be(client: TestClient, query: str) -> None:
    answer = client.get(f"{PATH}?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"][:2] == ["query", query.split("=")[0]]


def test_pages(client: TestClient) -> None:
    post(client, *(row(id=f"s{number}") for number in range(5)))
    seen, cursor = [], None
    while cursor != "":
        page = client.get(PATH, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [one["id"] for one in page["annotations"]]
        cursor = page["next"] or ""
    assert seen == ["s0", "s1", "s2", "s3", "s4"]


def test_lines_are_what_training_reads(client: TestClient, codebook: Codebook, tmp_path: Path) -> None:
    post(client, row(id="s"), row(id="t"))
    post(client, row(id="s", frames=[], actors=[{"start": 0, "end": 5, "stance": "neutral"}]))
    client.delete(f"{PATH}/t")
    answer = client.get(PATH, headers=LINES)
    assert answer.headers["content-type"] == "application/x-ndjson"
    file = tmp_path / "annotations.jsonl"
    file.write_bytes(answer.content)
    (annotation,) = read_annotations([file], codebook)
    assert (annotation.id, annotation.frames, annotation.annotator) == ("s", (), "anonymous")
    assert json.loads(answer.text)["actors"] == [{"start": 0, "end": 5, "stance": "neutral"}]
    assert client.get(PATH, params={"frame": "fleeing"}, headers=LINES).content == b""
    for query in ("latest=false", "limit=3", "cursor=1-1"):
        assert client.get(f"{PATH}?{query}", headers=LINES).status_code == 422


def test_what_nobody_annotated_is_not_there(client: TestClient) -> None:
    assert client.get(f"{PATH}/s/history").status_code == 404
    answer = client.delete(f"{PATH}/s")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_the_annotator_is_the_keys_name(checkpoint: Path, tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    keys = [file.create("Ada")[1], file.create("Bo")[1]]
    nameless, key = file.create()
    with service(checkpoint, tmp_path, keys_file=file.path, host="0.0.0.0") as client:
        assert post(client, row(id="s")).status_code == 401
        for one in (*keys, key):
            assert post(client, row(id="s"), **{"X-API-Key": one}).status_code == 201
        history = client.get(f"{PATH}/s/history", headers={"X-API-Key": keys[0]}).json()
        assert history["annotator"] == "Ada"
        assert [one["annotator"] for one in history["annotations"]] == ["Ada", "Bo", nameless.id]
        assert all(one["replaces"] is None for one in history["annotations"])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, True),
        ({"host": "0.0.0.0"}, True),  # it asks for keys
        ({"host": "0.0.0.0", "require_keys": False}, False),
        ({"host": "0.0.0.0", "require_keys": False, "annotations": True}, True),
        ({"annotations": False}, False),
    ],
)
def test_where_annotations_are_kept(given: dict[str, Any], kept: bool) -> None:
    assert ServiceSettings(**given).keeps_annotations is kept


def test_the_database_is_beside_the_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("FRAMELINE_DATABASE")
    assert ServiceSettings(keys_file=tmp_path / "keys.json").database_url == f"sqlite:///{tmp_path}/annotations.db"


def test_where_none_are_kept_it_says_so(checkpoint: Path, tmp_path: Path) -> None:
    with service(checkpoint, tmp_path, annotations=False) as client:
        assert client.get("/health/ready").json()["annotations"] is None
        for answer in (client.get(PATH), post(client, row()), client.delete(f"{PATH}/s")):
            assert answer.status_code == 404
            assert "FRAMELINE_ANNOTATIONS=true" in answer.json()["detail"]
    assert not (tmp_path / "a.db").exists()


def test_health_and_metrics_count(client: TestClient) -> None:
    post(client, row(id="s"), row(id="t"))
    client.delete(f"{PATH}/t")
    client.delete(f"{PATH}/t")
    assert client.get("/health/ready").json()["annotations"] == {"status": "ready", "versions": 3}
    lines = client.get("/metrics").text.splitlines()
    assert 'frameline_annotations_total{action="annotated"} 2.0' in lines
    assert 'frameline_annotations_total{action="withdrawn"} 1.0' in lines


def test_a_read_only_database_is_read_and_says_why_it_keeps_nothing(checkpoint: Path, tmp_path: Path) -> None:
    with service(checkpoint, tmp_path) as client:
        post(client, row(id="s"))
    url = f"sqlite:///file:{tmp_path / 'a.db'}?mode=ro&uri=true"
    with service(checkpoint, tmp_path, database=url) as client:
        assert [one["id"] for one in client.get(PATH).json()["annotations"]] == ["s"]
        answer = post(client, row(id="s", frames=[]))
        assert (answer.status_code, answer.json()["detail"]) == (503, "the database of annotations is read-only")
        assert int(answer.headers["retry-after"]) > 0
        assert client.post("/v1/classify", json={"text": "Voss fled."}).status_code == 200


def test_a_locked_database_is_a_503_and_others_are_answered_meanwhile(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.annotations.database._WAIT", 1)
    with service(checkpoint, tmp_path) as client:
        post(client, row(id="s"))
        other = Database(f"sqlite:///{tmp_path / 'a.db'}")
        answers = []
        with other.writing():
            waiting = threading.Thread(target=lambda: answers.append(post(client, row(id="t"))))
            waiting.start()
            assert client.post("/v1/classify", json={"text": "Voss fled."}).status_code == 200
            assert waiting.is_alive()  # the label did not wait for the database
            waiting.join()
        other.close()
        assert (answers[0].status_code, answers[0].json()["detail"]) == (
            503,
            "the database of annotations is locked by another process",
        )
        assert post(client, row(id="t")).status_code == 201


def test_a_database_that_comes_later_is_opened_then(checkpoint: Path, tmp_path: Path) -> None:
    place = tmp_path / "later"
    place.write_bytes(b"")
    with service(checkpoint, place) as client:
        assert post(client, row()).status_code == 503
        assert client.get("/health/ready").json()["annotations"]["status"] == "unavailable"
        place.unlink()
        assert post(client, row()).status_code == 201


def test_requests_that_would_wait_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.annotations.keeper._ROOM", 2)
    release = threading.Event()

    async def ask() -> None:
        keeper = Keeper(f"sqlite:///{tmp_path / 'a.db'}")
        inside = [asyncio.ensure_future(keeper.ask(lambda _: release.wait(30))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ProblemError, match="too many requests wait"):
            await keeper.ask(Store.count)
        release.set()
        assert await asyncio.gather(*inside) == [True, True]
        assert await keeper.ask(Store.count) == 0
        await asyncio.to_thread(keeper.close)

    asyncio.run(ask())


def test_the_model_that_was_corrected_is_that_of_the_answer(client: TestClient) -> None:
    model = client.post("/v1/classify", json={"text": "Voss fled."}).json()["model"]
    assert post(client, row(model=model)).json()["annotations"][0]["model"] == model
    assert post(client, row(model=None)).json()["annotations"][0]["model"] is None
    assert MODEL.keys() == model.keys()
