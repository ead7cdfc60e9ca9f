import json
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.labeller import Labeller
from service import labelling
from service.app import create_app
from service.serve import EXAMPLE
from service.settings import ServiceSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

TEXT = "Arland said it would guard the border. The people fled with Voss."


@pytest.fixture(scope="module")
def client(checkpoint: Path) -> Iterator[TestClient]:
    limits = ServiceSettings(checkpoint=checkpoint, max_documents=20, max_characters=10_000)
    with TestClient(create_app(limits), raise_server_exceptions=True) as started:
        yield started


def post(client: TestClient, body: Any) -> Any:
    return client.post("/v1/classify", json=body)


def test_the_short_form(client: TestClient, labeller: Labeller) -> None:
    answer = post(client, {"text": TEXT}).json()
    assert answer["model"] == {"name": "tiny", "version": "1.0", "codebook": labeller.codebook.label}
    assert answer["documents"] == [json.loads(labeller.classify(TEXT).model_dump_json())]


def test_documents_with_and_without_ids(client: TestClient) -> None:
    answer = post(client, {"documents": [{"text": TEXT}, {"id": "x", "text": TEXT, "actors": ["Voss"]}], "split": True})
    first, second = answer.json()["documents"]
    assert [first["id"], second["id"]] == ["0", "x"]
    assert [[actor["mention"] for actor in one["actors"]] for one in second["sentences"]] == [[], ["Voss"]]


def test_without_splitting(client: TestClient) -> None:
    (document,) = post(client, {"documents": [{"text": TEXT}], "split": False}).json()["documents"]
    assert [sentence["text"] for sentence in document["sentences"]] == [TEXT]


def test_nothing_to_label_is_answered(client: TestClient) -> None:
    assert post(client, {"documents": []}).json()["documents"] == []
    assert post(client, {"text": ""}).json()["documents"] == [{"id": "0", "sentences": []}]


@pytest.mark.parametrize(
    ("body", "place", "message"),
    [
        ({}, ["body"], "either documents or text"),
        ({"text": "x", "documents": []}, ["body"], "either documents or text"),
        ({"text": 3}, ["body", "text"], "string"),
        ({"text": "x", "colour": 1}, ["body", "colour"], "not permitted"),
        ({"text": "x", "split": "yes"}, ["body", "split"], "boolean"),
        ([], ["body"], "object"),
        ({"documents": [{"id": "a"}]}, ["body", "documents", 0, "text"], "required"),
        ({"documents": [{"text": "x", "id": 7}]}, ["body", "documents", 0, "id"], "string"),
        ({"documents": [{"text": "x", "id": ""}]}, ["body", "documents", 0, "id"], "blank; give it letters"),
        ({"documents": [{"text": "x", "id": " "}]}, ["body", "documents", 0, "id"], "blank"),
        ({"documents": [{"text": "x", "lang": "en"}]}, ["body", "documents", 0, "lang"], "not permitted"),
        ({"documents": [{"text": "x"}, {"text": "x", "actors": ["y"]}]}, ["body", "documents", 1, "actors", 0], "'y'"),
        ({"documents": [{"text": "x", "actors": ["y", "x", "z"]}]}, ["body", "documents", 0, "actors", 2], "'z'"),
        ({"documents": [{"text": "x", "actors": [" "]}]}, ["body", "documents", 0, "actors", 0], "blank"),
        (
            {"documents": [{"id": "a", "text": "x"}, {"id": "a", "text": "y"}]},
            ["body", "documents", 1, "id"],
            "already",
        ),
        ({"documents": [{"text": "x"}, {"id": "0", "text": "y"}]}, ["body", "documents", 1, "id"], "already"),
        (
            {"documents": [{"id": "1", "text": "x"}, {"text": "y"}]},
            ["body", "documents", 1, "id"],
            "without an id it is called '1', which is the id of document 0 already",
        ),
        ({"text": "x" * 10_001}, ["body", "text"], "at most 10000"),
        ({"documents": [{"text": "x" * 6_000}] * 2}, ["body", "documents"], "12000 characters"),
        ({"documents": [{"text": "x"}] * 21}, ["body", "documents"], "21 documents"),
        ({"text": "a \ud800 b"}, ["body", "text"], "surrogate"),
        (
            {"documents": [{"text": "x"}, {"text": "x", "actors": ["x"] * 1_001}]},
            ["body", "documents", 1, "actors"],
            "1001 mentions; ask for at most 1000 a text",
        ),
    ],
)
def test_what_is_wrong_is_named(client: TestClient, body: Any, place: list[str | int], message: str) -> None:
    content = json.dumps(body)  # escapes surrogates, as a careless client would
    answer = client.post("/v1/classify", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    faults = answer.json()["errors"]
    assert any(fault["loc"] == place and message in fault["msg"] for fault in faults), faults


def test_every_document_whose_id_repeats_another_is_named(client: TestClient) -> None:
    documents = [{"id": name, "text": "x"} for name in ("a", "b", "a", "a", "b")]
    faults = post(client, {"documents": documents}).json()["errors"]
    assert [(fault["loc"][2], fault["msg"].split(";")[0]) for fault in faults] == [
        (2, "'a' is the id of document 0 already"),
        (3, "'a' is the id of document 0 already"),
        (4, "'b' is the id of document 1 already"),
    ]
    assert {fault["type"] for fault in faults} == {"duplicate_id"}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"text": "NATO left.", "text": "Hamas left."}', ["text"]),
        ('{"text": "a", "split": true, "split": false}', ["split"]),
        ('{"documents": [{"text": "a"}, {"id": "a", "text": "b", "\\u0069d": "b"}]}', ["documents", 1, "id"]),
        ('{"documents": [{"text": "a"}], "documents": []}', ["documents"]),
        ('\ufeff{"text": "a", "text": "b"}', ["text"]),
    ],
)
def test_a_key_that_stands_twice_is_refused(client: TestClient, body: str, place: list[str | int]) -> None:
    answer = client.post("/v1/classify", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["loc"], fault["type"]) == (["body", *place], "repeated_key")
    assert "give it once" in fault["msg"]


def test_what_is_nested_too_deeply_is_refused(client: TestClient) -> None:
    for deep in (b"[" * 960 + b'{"a": 1, "a": 2}' + b"]" * 960, b"[" * 1_400 + b"]" * 1_400):  # ignored, but read
        answer = client.post("/predict", content=b'{"inputs": "Voss fled.", "more": ' + deep + b"}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["loc"] == ["body"]


def test_thousands_of_faults_are_counted_and_not_named(client: TestClient) -> None:
    answer = post(client, {"text": "x", **{f"field{number}": 1 for number in range(5_000)}})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "body: 5000 faults are too many to name; look at the form"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"nul", b'{"text": "\\ud800"}', b"[" * 5_000, b'{"text": NaN}'])
def test_a_broken_body_is_a_client_error(client: TestClient, body: bytes) -> None:
    answer = client.post("/v1/classify", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)


@settings(deadline=None, max_examples=60)
@given(text=st.text(max_size=200))
def test_any_text_is_answered_or_refused(client: TestClient, text: str) -> None:
    answer = client.post(
        "/v1/classify", content=json.dumps({"text": text}), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (200, 422)
    if answer.status_code == 200:
        for sentence in answer.json()["documents"][0]["sentences"]:
            assert text[sentence["start"] : sentence["end"]] == sentence["text"]
            for actor in sentence["actors"]:
                assert text[actor["start"] : actor["end"]] == actor["mention"]


def test_many_at_once_get_what_each_gets_alone(client: TestClient) -> None:
    texts = [f"{TEXT} {'The army fled. ' * number}" for number in range(8)]
    alone = [post(client, {"text": text}).json()["documents"] for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: post(client, {"text": text}).json()["documents"], texts * 4))
    assert together == alone * 4


def test_the_codebook_is_shown(client: TestClient) -> None:
    answer = client.get("/v1/codebook").json()
    assert [frame["id"] for frame in answer["frames"]] == ["guarding", "fleeing"]
    assert {actor["id"] for actor in answer["actors"]} == {"arland", "league", "guard", "mara-voss"}


def test_health(client: TestClient) -> None:
    assert client.get("/health/live").json()["status"] == "alive"
    ready = client.get("/health/ready").json()
    assert (ready["status"], ready["model"]["name"]) == ("ready", "tiny")


def test_there_is_documentation_and_an_example_that_works(client: TestClient) -> None:
    assert client.get("/docs").status_code == 200
    assert post(client, json.loads(EXAMPLE.read_text(encoding="utf-8"))).status_code == 200


def test_a_missing_checkpoint_stops_the_start(tmp_path: Path) -> None:
    from model.errors import CheckpointError

    with pytest.raises(CheckpointError), TestClient(create_app(ServiceSettings(checkpoint=tmp_path))):
        raise AssertionError("the service must not start")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415),
        (b"{}", {"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
        (b'{"text": "Voss fled."}', {"Content-Type": 'application/json; charset="UTF-8"'}, 200),
        (b'{"text": "Voss fled."}', {}, 200),
        ('\ufeff{"text": "Voss fled."}'.encode(), {}, 200),
        *(('{"text": "Voss fled."}'.encode(name), {}, 415) for name in ("utf-16", "utf-16-le", "utf-32", "utf-32-be")),
    ],
)
def test_what_type_a_body_may_have(client: TestClient, content: bytes, headers: dict[str, str], status: int) -> None:
    answer = client.post("/v1/classify", content=content, headers=headers)
    assert answer.status_code == status
    if status == 415:
        assert answer.json()["title"] == "Unsupported Media Type"


def test_a_large_body_is_refused_whether_its_length_is_declared_or_not(client: TestClient) -> None:
    body = b'{"text": "' + b"x" * 8_000_000 + b'"}'
    assert client.post("/v1/classify", content=body).status_code == 413
    assert client.post("/v1/classify", content=iter([body[:5_000_000], body[5_000_000:]])).status_code == 413


def test_too_many_sentences_are_refused(checkpoint: Path) -> None:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint, max_sentences=3))) as few:
        answer = post(few, {"text": "The people fled. " * 4})
    assert answer.status_code == 422
    assert "4 sentences; send at most 3" in answer.json()["detail"]


def test_what_takes_too_long_is_given_up(checkpoint: Path) -> None:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint, max_seconds=0.05))) as hasty:
        answer = post(hasty, {"text": "The people fled. " * 5_000})
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert hasty.get("/health/ready").status_code == 200


def test_a_preparation_that_takes_too_long_is_given_up(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    going_on = threading.Event()
    monkeypatch.setattr("service.labelling._split", lambda *_: going_on.wait(20))
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint, max_seconds=0.05))) as hasty:
        answer = post(hasty, {"documents": [{"text": "Voss " * 10_000, "actors": ["Voss"]}]})
        going_on.set()
        assert (answer.status_code, "this took more than 0.05 seconds" in answer.json()["detail"]) == (503, True)


def test_long_mentions_are_not_prepared_in_the_event_loop(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    split = labelling._split

    def noting(*arguments: Any) -> Any:
        names.append(threading.current_thread().name)
        return split(*arguments)

    monkeypatch.setattr("service.labelling._split", noting)
    mention = ("Voss " * 10).strip()
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint))) as client:
        for count in (1, 600):
            documents = [{"text": mention, "actors": [mention] * count}]
            assert post(client, {"documents": documents}).status_code == 200
    assert len({*names}) == 2


def test_faults_elsewhere_are_problems_too(client: TestClient) -> None:
    for path, status, detail in (
        ("/nowhere", 404, "there is nothing at this path; /docs shows what there is"),
        ("/v1/classify", 405, "GET has no meaning at this path; send POST"),
        ("/predict", 405, "GET has no meaning at this path; send POST"),
    ):
        answer = client.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.json()["status"], answer.json()["detail"]) == (status, detail)
