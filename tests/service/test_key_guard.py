import asyncio
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from service.api_key import Caller
from service.app import create_app
from service.key_file import KeyFile
from service.key_guard import KeyGuard, is_open
from service.key_ring import KeyRing
from service.settings import ServiceSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

BODY = {"text": "Voss fled."}


@pytest.fixture(scope="module")
def client(checkpoint: Path, file: KeyFile, key: str) -> Iterator[TestClient]:
    settings = ServiceSettings(checkpoint=checkpoint, keys_file=file.path, host="0.0.0.0")
    with TestClient(create_app(settings)) as started:
        yield started


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER   {} "])
def test_a_bearer_key_is_taken(client: TestClient, key: str, form: str) -> None:
    assert client.post("/v1/classify", json=BODY, headers={"Authorization": form.format(key)}).status_code == 200


def test_a_key_in_its_own_header_is_taken_also_behind_a_proxys_password(client: TestClient, key: str) -> None:
    assert client.get("/v1/codebook", headers={"X-API-Key": key}).status_code == 200
    basic = {"X-API-Key": key, "Authorization": "Basic bWU6dG9v"}
    assert client.get("/v1/codebook", headers=basic).status_code == 200


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({}, "a key is needed; send it as Authorization: Bearer KEY, or as X-API-Key: KEY"),
        ({"Authorization": "Bearer "}, "a key is needed"),
        ({"Authorization": "Basic bWU6dG9v"}, "a key is needed"),
        ({"X-API-Key": ""}, "a key is needed"),
        ({"Authorization": "Bearer fl_unknown"}, "the key is unknown, or it was revoked"),
        ({"X-API-Key": "fl_unknown"}, "the key is unknown, or it was revoked"),
        ({"Authorization": b"Bearer \xff\xfe"}, "the key is unknown, or it was revoked"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/classify"), ("GET", "/v1/codebook"), ("OPTIONS", "/v1/x")])
def test_without_a_key_nothing_is_done(
    client: TestClient, headers: dict[str, str], detail: str, method: str, path: str
) -> None:
    answer = client.request(method, path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Unauthorized"
    assert answer.json()["detail"].startswith(detail)
    assert "unknown" not in answer.json()["detail"] or "fl_" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/page/page.js",
        "/health/live",
        "/health/ready",
        "/docs",
        "/docs/files/swagger-ui-bundle.js",
        "/openapi.json",
    ],
)
def test_what_is_open(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/predict",
        "/classify",
        "/nowhere",
        "//",
        "//v1/codebook",
        "/V1/codebook",
        "/v1",
        "/v1/codebook/",
        "/docs/../v1/codebook",
        "/healthy",
        "/pages",
        "/docs/x",
        "",
    ],
)
def test_everything_else_needs_a_key(path: str) -> None:
    assert not is_open("GET", path)


@pytest.mark.parametrize("path", ["/", "/page/page.js", "/health/live", "/docs"])
def test_what_is_open_is_open_to_be_read(client: TestClient, path: str) -> None:
    assert is_open("HEAD", path)
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert client.request(method, path).status_code == 401


def test_an_open_prefix_leads_nowhere_else(client: TestClient) -> None:
    for path in (
        "/health/../v1/codebook",
        "/page/..%2Fv1%2Fcodebook",
        "/page/%2e%2e/v1/codebook",
        "/page//v1/codebook",
        "/docs/files/../../v1/codebook",
        "/docs/files/..%2f..%2fcore.py",
        "/docs/files/%2e%2e/core.py",
    ):
        assert client.get(path).status_code in (401, 404), path


def test_a_revoked_key_is_refused_by_the_running_service(client: TestClient, file: KeyFile, key: str) -> None:
    other, second = file.create("intern")
    headers = {"Authorization": f"Bearer {second}"}
    assert client.get("/v1/codebook", headers=headers).status_code == 200
    file.revoke(other.id)
    assert client.get("/v1/codebook", headers=headers).status_code == 401
    assert client.get("/v1/codebook", headers={"X-API-Key": key}).status_code == 200


def test_no_key_is_in_any_log_or_answer(client: TestClient, key: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    wrong = "fl_" + "w" * 43
    for sent in (key, wrong):
        for headers in ({"Authorization": f"Bearer {sent}"}, {"X-API-Key": sent}):
            for path in ("/v1/codebook", "/v1/classify", "/openapi.json", "/nowhere"):
                answer = client.get(path, headers=headers)
                assert sent not in answer.text
                assert sent not in str(answer.headers)
    assert key not in caplog.text
    assert wrong not in caplog.text


class Recorder:
    """An application that says whom it was called by."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)


def call(guard: KeyGuard, kind: str, headers: dict[str, str], **scope: Any) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        assert [message["type"] for message in sent] == ["http.response.start"], "a body was read before the answer"
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    method = {"method": "POST"} if kind == "http" else {}
    asyncio.run(guard({"type": kind, "path": "/v1/classify", "headers": raw, **method, **scope}, receive, send))
    return sent


def test_who_calls_is_put_into_the_state(file: KeyFile, key: str) -> None:
    app = Recorder()
    guard = KeyGuard(app, KeyRing(file))
    assert call(guard, "http", {"X-API-Key": key}) == []
    assert call(guard, "http", {"X-API-Key": key}, state={"other": 1}) == []
    caller = Caller(file.read()[0].id, "newsroom")
    assert [scope["state"] for scope in app.scopes] == [{"key": caller}, {"other": 1, "key": caller}]


def test_a_refusal_waits_for_no_body_and_reaches_nothing(file: KeyFile) -> None:
    app = Recorder()
    guard = KeyGuard(app, KeyRing(file))
    start, body = call(guard, "http", {"Content-Length": "999999999"})
    assert start["status"] == 401
    assert json.loads(body["body"])["status"] == 401
    assert call(guard, "websocket", {}) == [{"type": "websocket.close", "code": 1008}]
    assert app.scopes == []


def test_the_start_and_the_end_need_no_key(file: KeyFile) -> None:
    app = Recorder()
    asyncio.run(KeyGuard(app, KeyRing(file))({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert [scope["type"] for scope in app.scopes] == ["lifespan"]
