import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

from service import protocol
from tests.service.server import serving

#: Bytes of an answer that do not fit into what the system keeps of a connection.
_LARGE = 60_000_000
app = FastAPI()


@app.get("/")
async def short() -> str:
    """Answers at once, whatever body comes."""
    return "short"


@app.post("/")
async def length(request: Request) -> int:
    """Answers when all has come."""
    return len(await request.body())


@app.get("/large")
async def large() -> Response:
    """More than a client that does not read can take."""
    return StreamingResponse(iter([b"x" * 1_000_000] * (_LARGE // 1_000_000)))


@contextmanager
def connected() -> Iterator[socket.socket]:
    with serving(app) as url:
        address = urlsplit(url)
        with socket.create_connection((address.hostname or "", address.port or 0), timeout=60) as connection:
            yield connection


def read_all(connection: socket.socket) -> bytes:
    content = b""
    while piece := connection.recv(1 << 16):
        content += piece
    return content


def send_until_closed(connection: socket.socket, piece: bytes, most: int) -> int:
    """How many bytes were taken."""
    sent = 0
    try:
        while sent < most:
            connection.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    return sent


@pytest.mark.parametrize(
    "begin",
    [
        pytest.param(b"GET /", id="address"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ", id="header"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\n", id="headers"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Long: ", id="trailer"),
    ],
)
def test_a_head_without_an_end_is_refused(begin: bytes) -> None:
    piece = b"X-A: b\r\n" * 1_000 if begin.endswith(b"Host: a\r\n") else b"a" * 8_000
    with connected() as connection:
        connection.sendall(begin)
        assert send_until_closed(connection, piece, _LARGE) < _LARGE


def test_a_large_head_is_told_so() -> None:
    with connected() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: ")
        for _ in range(20):
            connection.sendall(b"a" * 7_000)
            time.sleep(0.05)
            connection.setblocking(False)
            try:
                answer = connection.recv(1_000)
                break
            except BlockingIOError:
                connection.settimeout(60)
        assert answer.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("pieces", [1, 400])
def test_a_head_of_usual_size_and_a_large_body_are_taken(pieces: int) -> None:
    body = b"a" * 2_000_000
    head = (
        b"POST / HTTP/1.1\r\nHost: a\r\nX-Key: "
        + b"k" * 30_000
        + b"\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    )
    with connected() as connection:
        connection.sendall(head % len(body))
        for number in range(pieces):
            connection.sendall(body[number * len(body) // pieces : (number + 1) * len(body) // pieces])
        assert read_all(connection).endswith(b"\r\n2000000")


def wait_closed(connection: socket.socket, send: Callable[[], object] = lambda: None) -> bool:
    """Whether the other side closes within some seconds."""
    connection.settimeout(0.2)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            send()
            if not connection.recv(1 << 16):
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"a", id="half a head"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", b"a", id="body nobody reads"),
    ],
)
def test_a_connection_on_which_no_request_comes_is_closed(
    monkeypatch: pytest.MonkeyPatch, begin: bytes, drop: bytes
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.5)
    with connected() as connection:
        connection.sendall(begin)
        assert wait_closed(connection, lambda: connection.sendall(drop))


def test_a_request_whose_body_is_slow_is_not_a_head_that_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    with connected() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\n")
        for _ in range(5):
            time.sleep(0.2)
            connection.sendall(b"a")
        assert read_all(connection).endswith(b"\r\n5")


def test_a_client_that_takes_nothing_of_an_answer_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "STUCK_SECONDS", 0.5)
    with connected() as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(4)
        received = 0
        try:
            while piece := connection.recv(1 << 20):
                received += len(piece)
        except OSError:
            pass
        assert received < _LARGE
