import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message

from service.app import create_app
from service.key_file import KeyFile
from service.problems import ProblemError
from service.refusal import refuse
from service.settings import ServiceSettings
from tests.service.server import serving


@pytest.fixture(scope="module")
def address(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    KeyFile(file).create()
    with serving(create_app(ServiceSettings(checkpoint=checkpoint, keys_file=file, require_keys=True))) as url:
        host, port = url.removeprefix("http://").split(":")
        yield host, int(port)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("size", [0, 1_000, 3_000_000])
def test_a_client_that_sends_everything_first_hears_the_refusal(
    address: tuple[str, int], version: str, size: int
) -> None:
    head = f"POST /v1/classify HTTP/{version}\r\nHost: x\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n"
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(head.encode() + b"x" * size)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 401


def test_a_client_that_asks_first_is_refused_at_once_and_sends_nothing(address: tuple[str, int]) -> None:
    lines = ("POST /v1/classify HTTP/1.1", "Host: x", "Connection: close", "Content-Length: 9", "Expect: 100-continue")
    with socket.create_connection(address, timeout=3) as connection:
        connection.sendall("\r\n".join((*lines, "\r\n")).encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 401 ")


def discard(receive: Any) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": []}
    asyncio.run(refuse(ProblemError(401, "no"), scope, receive, send))
    return sent


def test_an_endless_body_is_not_thrown_away_for_ever() -> None:
    calls = 0

    async def receive() -> Message:
        nonlocal calls
        calls += 1
        return {"type": "http.request", "body": b"x" * 1_000_000, "more_body": True}

    assert [message["type"] for message in discard(receive)] == ["http.response.start", "http.response.body"]
    assert calls == 32


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.refusal._SECONDS", 0.01)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("nothing comes")

    assert [message["type"] for message in discard(receive)] == ["http.response.start", "http.response.body"]
