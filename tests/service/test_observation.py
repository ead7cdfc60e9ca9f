import asyncio
import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from service.app import create_app
from service.key_file import KeyFile
from service.metrics import Metrics
from service.observation import Observation
from service.settings import ServiceSettings
from service.tracing import Tracing

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

TEXT = "Arland said it would guard the border. The people fled with Voss."


@pytest.fixture(scope="module")
def client(checkpoint: Path) -> Iterator[TestClient]:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint, max_documents=3))) as started:
        yield started


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, Any]]]:
    """What is logged from now on, each line as its fields."""

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            event: Any = record.msg
            said.append(dict(event))

    said: list[dict[str, Any]] = []
    caplog.set_level(logging.INFO, "frameline")
    logger, handler = logging.getLogger("frameline"), Lines()
    logger.addHandler(handler)
    yield said
    logger.removeHandler(handler)


def value(client: TestClient, name: str, **labels: str) -> float | None:
    registry = client.app.state.metrics.registry  # type: ignore[attr-defined]
    found: float | None = registry.get_sample_value(name, labels)
    return found


@pytest.mark.parametrize("given", ["a", "A-b_c.9", "x" * 128])
def test_a_sane_id_is_kept(client: TestClient, given: str) -> None:
    for path in ("/health/live", "/nowhere"):
        assert client.get(path, headers={"X-Request-ID": given}).headers.get_list("x-request-id") == [given]


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "é", "a\tb", "{}", 'a"'])
def test_another_is_replaced(client: TestClient, given: str) -> None:
    answers = [client.get("/health/live", headers={b"X-Request-ID": given.encode()}) for _ in range(2)]
    first, second = (answer.headers["x-request-id"] for answer in answers)
    assert first != second
    assert len(first) == len(second) == 32


def test_a_problem_names_its_request(client: TestClient) -> None:
    for answer in (client.get("/nowhere"), client.post("/v1/classify", json={})):
        assert answer.json()["instance"] == answer.headers["x-request-id"]


def test_a_line_says_what_was_asked_and_answered(client: TestClient, lines: list[dict[str, Any]]) -> None:
    client.post("/v1/classify", json={"documents": [{"text": TEXT}] * 2}, headers={"X-Request-ID": "mine"})
    client.post("/v1/classify?secret=1", json={"documents": [{"text": TEXT}] * 4})
    client.get("/docs?secret=1")
    client.get("/etc/passwd")
    first, second, third, fourth = lines
    assert first.pop("duration_ms") >= first.pop("queue_ms") > 0
    assert first == {
        "event": "request",
        "request_id": "mine",
        "method": "POST",
        "route": "/v1/classify",
        "status": 200,
        "documents": 2,
        "sentences": 4,
        "key": None,
    }
    assert (second["status"], second["documents"]) == (422, 0)
    assert (third["route"], fourth["route"]) == ("/docs", "unknown")
    assert "secret" not in str(lines)


def test_what_is_refused_is_counted_with_the_reason(client: TestClient) -> None:
    before = value(client, "frameline_refused_requests_total", reason="invalid")
    assert before is not None
    client.post("/v1/classify", json={})
    assert value(client, "frameline_refused_requests_total", reason="invalid") == before + 1
    client.post("/v1/classify", content=b"{}", headers={"Content-Type": "text/html"})
    assert value(client, "frameline_refused_requests_total", reason="media_type") == 1


def test_why_a_service_is_unavailable(checkpoint: Path, lines: list[dict[str, Any]]) -> None:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint, max_seconds=0.001))) as hasty:
        hasty.post("/v1/classify", json={"text": "The people fled. " * 500})
        assert value(hasty, "frameline_refused_requests_total", reason="too_slow") == 1
    assert [line["reason"] for line in lines if line["event"] == "request"] == ["too_slow"]


def test_a_refused_caller_is_counted_by_the_route_and_let_in_by_the_id_of_the_key(
    checkpoint: Path, tmp_path: Path, lines: list[dict[str, Any]]
) -> None:
    file = tmp_path / "keys.json"
    kept, key = KeyFile(file).create("desk")
    guarded = ServiceSettings(checkpoint=checkpoint, keys_file=file, require_keys=True)
    with TestClient(create_app(guarded)) as client:
        refused = client.post("/v1/classify", json={"text": TEXT})
        assert refused.json()["instance"] == refused.headers["x-request-id"]
        client.post("/v1/classify", json={"text": TEXT}, headers={"X-API-Key": key})
        assert value(client, "frameline_refused_requests_total", reason="unauthorised") == 1
    first, second = (line for line in lines if line["event"] == "request")
    assert (first["route"], first["status"], first["key"]) == ("/v1/classify", 401, None)
    assert (second["status"], second["key"]) == (200, kept.caller.id)
    assert key not in str(lines)


def test_paths_and_methods_cannot_fill_the_metrics(client: TestClient) -> None:
    for number in range(20):
        client.request(f"M{number}", f"/path/{number}?q={number}")
        client.get(f"/page/{number}")
    shown = client.get("/metrics").text
    assert 'route="unknown"' in shown
    assert 'method="other"' in shown
    assert "/path" not in shown
    assert "M7" not in shown
    assert shown.count('frameline_requests_total{method="GET",route="/page/{name}"') == 1


def test_apps_have_metrics_of_their_own(checkpoint: Path, client: TestClient) -> None:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint))) as another:
        another.get("/health/live")
        assert value(another, "frameline_requests_total", route="/health/live", method="GET", status="200") == 1
        assert value(another, "frameline_sentences_total") == 0


class Exchange:
    """Runs an app behind the middleware, and keeps what it sends."""

    def __init__(self, app: Any, state: dict[str, Any] | None = None) -> None:
        self.sent: list[Message] = []
        self.metrics = Metrics()
        headers = [(b"host", b"x")]
        scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "state": state or {}}
        asyncio.run(Observation(app, self.metrics, Tracing())(scope, self._receive, self._send))

    async def _receive(self) -> Message:
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.sent.append(message)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": True})


async def finish(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(scope, receive, send)
    await send({"type": "http.response.body", "body": b""})


def test_who_hangs_up_in_the_middle_counts_as_499(lines: list[dict[str, Any]]) -> None:
    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)
        await receive()

    Exchange(streaming)
    assert lines[-1]["status"] == 499


def test_who_hangs_up_at_the_end_was_answered(lines: list[dict[str, Any]]) -> None:
    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await finish(scope, receive, send)
        await receive()

    Exchange(waiting)
    assert lines[-1]["status"] == 200


def test_an_exception_is_answered_and_logged_once(lines: list[dict[str, Any]]) -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("canary")

    exchange = Exchange(failing)
    start, body = exchange.sent
    assert start["status"] == 500
    problem = json.loads(body["body"])
    failed, request = lines
    assert problem["instance"] == failed["request_id"] == request["request_id"]
    assert failed["exception"].endswith("failing\nValueError")
    assert "canary" not in str(lines) + str(exchange.sent)
    assert request["status"] == 500


def test_an_exception_in_the_middle_of_an_answer_leaves_it_unfinished(lines: list[dict[str, Any]]) -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)
        raise ValueError("canary")

    assert len(Exchange(failing).sent) == 2
    assert [line["event"] for line in lines] == ["request failed", "request"]


class Key:
    id = "k1"
    name = "desk"


@pytest.mark.parametrize(("key", "shown"), [(Key(), "k1"), ({"id": "k2"}, "k2"), ("secret", None), (None, None)])
def test_a_key_is_named_by_its_id(lines: list[dict[str, Any]], key: Any, shown: str | None) -> None:
    Exchange(finish, {"key": key})
    assert lines[-1]["key"] == shown
