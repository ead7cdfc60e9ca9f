"""Every operation of ``/v1`` refuses parameters that it does not have."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.app import create_app
from service.settings import ServiceSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

OPERATIONS = [
    (method, path)
    for path, operations in create_app(ServiceSettings()).openapi()["paths"].items()
    for method in operations
    if path.startswith("/v1/")
]


@pytest.fixture(scope="module")
def client(checkpoint: Path) -> Iterator[TestClient]:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint))) as started:
        yield started


def test_of_thousands_of_faults_some_are_named(client: TestClient) -> None:
    answer = client.get("/v1/codebook?" + "&".join(f"p{number}" for number in range(5_000)))
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 20


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_parameter_that_does_not_exist_is_named_with_those_that_do(
    client: TestClient, method: str, path: str
) -> None:
    described = client.get("/openapi.json").json()["paths"][path][method]
    known = sorted(each["name"] for each in described.get("parameters", []) if each["in"] == "query")
    answer = client.request(method, path.format(job="x", sentence="x"), params={"min_confidnece": "0.8", "": "x"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    exist = f"those that exist: {', '.join(known)}" if known else "this operation has none"
    assert answer.json()["errors"] == [
        {"loc": ["query", name], "msg": f"there is no such parameter; {exist}", "type": "unknown_parameter"}
        for name in ("min_confidnece", "")
    ]
    assert "422" in described["responses"]


def test_there_are_operations_with_and_without_parameters() -> None:
    assert {("post", "/v1/classify"), ("get", "/v1/codebook"), ("post", "/v1/jobs")} <= set(OPERATIONS)


@pytest.mark.parametrize("media_type", ["application/json", "application/x-ndjson"])
def test_a_long_body_is_taken_before_it_is_refused(client: TestClient, media_type: str) -> None:
    taken = []

    def body() -> Iterator[bytes]:
        for number in range(20):
            taken.append(number)
            yield b" " * 100_000

    answer = client.post("/v1/classify?splt=false", content=body(), headers={"Content-Type": media_type})
    assert (answer.status_code, len(taken)) == (422, 20)
    assert answer.json()["detail"] == "query.splt: there is no such parameter; those that exist: split"


def test_a_parameter_stands_once(client: TestClient) -> None:
    answer = client.post("/v1/classify?split=false&split=true", json={"text": "NATO met."})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "query.split: stands twice; give it once"


def test_parameters_that_exist_are_heeded(client: TestClient) -> None:
    assert client.post("/v1/classify?split=false", json={"text": "NATO met. It left."}).status_code == 200
    assert client.get("/v1/annotations?limit=1&latest=false").status_code == 200
    assert client.head("/v1/codebook").status_code == 200
    assert client.head("/v1/codebook?frames=1").status_code == 422


@pytest.mark.parametrize("path", ["/", "/health/ready", "/metrics", "/info", "/label-studio/health"])
def test_what_others_ask_for_may_have_any(client: TestClient, path: str) -> None:
    assert client.get(f"{path}?utm_source=x").status_code == 200
