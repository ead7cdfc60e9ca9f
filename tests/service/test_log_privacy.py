"""No text and no key that a client sends may reach the logs, whatever goes wrong."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.service.faulty_server import FAULTS

TEXT, KEY = "Zanzibarcanary", "fl_quokkasecret"
HEADERS = {
    "Content-Type": "application/json",
    "Authorization": f"Bearer {KEY}",
    "X-API-Key": KEY,
    "Cookie": f"key={KEY}",
    "X-Request-ID": f"{KEY} {TEXT}",
    "baggage": f"{KEY}={TEXT}=;{TEXT}",
    "traceparent": f"00-{KEY}",
    "tracestate": f"{TEXT},{KEY}",
}
BODIES = [
    {"text": f"{TEXT} met NATO."},
    {"text": TEXT, TEXT: TEXT},
    {"text": {TEXT: TEXT}},
    {"text": f"{TEXT} \ud800"},
    {"documents": [{"id": TEXT, "text": TEXT}, {"id": TEXT, "text": TEXT}]},
    {"documents": [{"text": "x", "actors": [TEXT]}]},
    {"documents": [{"text": TEXT, "actors": TEXT}]},
    {"documents": [{"text": TEXT}] * 1001},
    {"text": TEXT * 80_000},
    {"text": TEXT, "split": TEXT},
]


class Faulty:
    """A faulty server and what it has said once it is stopped."""

    def __init__(self, checkpoint: Path, form: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.service.faulty_server", "--port", str(self.port), "--threads", "1"],
            cwd=ROOT,
            env={
                **os.environ,
                "FRAMELINE_CHECKPOINT": str(checkpoint),
                "FRAMELINE_LOG_FORMAT": form,
                "FRAMELINE_LOG_LEVEL": "debug",
                "FRAMELINE_TELEMETRY": "true",
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
                "PYTHONWARNINGS": "always",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def request(self, body: bytes, method: str = "POST", path: str = "/v1/classify") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, HEADERS)
        with connection.getresponse() as answer:
            answer.read()
            connection.close()
            return answer.status, answer.headers["X-Request-ID"]

    def send(self, content: bytes) -> None:
        """Send raw bytes and hang up."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(content)
            time.sleep(0.2)

    def wait(self) -> None:
        for _ in range(600):
            assert self.process.poll() is None, self.process.communicate()
            try:
                self.request(b"", "GET", "/health/live")
            except ConnectionRefusedError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the server is not ready")

    def stop(self) -> tuple[str, str]:
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=60)


@contextmanager
def faulty(checkpoint: Path, form: str) -> Iterator[Faulty]:
    server = Faulty(checkpoint, form)
    try:
        server.wait()
        yield server
    finally:
        server.process.kill()
        server.process.communicate()


def raw(body: bytes, length: int, further: str = "") -> bytes:
    fields = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    head = f"POST /v1/classify HTTP/1.1\r\nHost: {TEXT}\r\n{fields}{further}Content-Length: {length}\r\n\r\n"
    return head.encode() + body


def provoke(server: Faulty) -> Iterator[tuple[int, str]]:
    """Everything that can go wrong, each with the canaries."""
    for content in BODIES:
        yield server.request(json.dumps(content).encode())
    for name in FAULTS:
        yield server.request(json.dumps({"text": f"{TEXT} {name} {KEY}."}).encode())
    for body in (f'{{"text": "{TEXT}'.encode(), f"{TEXT}\xff".encode("latin-1"), TEXT.encode() * 700_000):
        yield server.request(body)
    yield server.request(b"", "GET", f"/{TEXT}/{KEY}?key={KEY}")
    yield server.request(b"", "DELETE", f"/v1/classify?key={KEY}")
    yield server.request(b"{}", "POST", f"/v1/classify?{KEY}={TEXT}")
    yield server.request(b"", "PROPFIND", f"/{KEY}")


def hang_up(server: Faulty) -> None:
    late = json.dumps({"text": f"{TEXT} LATE."}).encode()
    server.send(raw(late, 1000))
    server.send(raw(late, len(late)))
    server.send(raw(late, len(late), "Transfer-Encoding: chunked\r\n"))
    server.send(f"GET /{TEXT}?{KEY} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n".encode())
    server.send(f"{KEY} /{TEXT} HTTP/1.1\r\n\r\n".encode())
    time.sleep(1)


@pytest.mark.parametrize("form", ["json", "console"])
def test_neither_texts_nor_keys_are_logged(checkpoint: Path, form: str) -> None:
    with faulty(checkpoint, form) as server:
        answers = list(provoke(server))
        hang_up(server)
        out, err = server.stop()
    said = (out + err).lower()
    for canary in (TEXT, KEY, str(ROOT)):
        assert canary.lower() not in said
    for kind in ("ValueError", "KeyError", "ExceptionGroup", "TypeError", "ValidationError", "UserWarning"):
        assert kind in err, err
    assert "service/faulty_server.py:" in err
    assert [status for status, _ in answers].count(500) == 4
    for _, identity in answers:
        assert identity in err
    if form == "json":
        check_lines(err, answers)


def check_lines(err: str, answers: list[tuple[int, str]]) -> None:
    lines = [json.loads(line) for line in err.splitlines()]
    access = {line["request_id"]: line for line in lines if line["logger"] == "frameline.access" and "status" in line}
    for status, identity in answers:
        assert access[identity]["status"] == status
    gone = [line for line in access.values() if line["status"] == 499]
    assert len(gone) == 2
    failed = [line for line in lines if line["event"] == "request failed"]
    assert [access[line["request_id"]]["status"] for line in failed] == [500] * 4
    events = {line["event"] for line in lines}
    assert events >= {
        "ready",
        "stopping",
        "stopped",
        "message withheld",
        "thread failed",
        "exception ignored",
        "warning",
    }
