"""As much of HTTP/1.1 as the load generator needs: one request at a time over a raw socket.

The generator shares its cores with the servers, so it reads no more of an answer than its status, its length and the
few header fields below. It knows Content-Length, chunks and bodies that end with the connection, and takes an answer
that comes while it is still sending; it knows no redirects, pipelining, compression or TLS.
"""

import asyncio
import contextlib
import os
import re
import time
from collections.abc import Iterable
from typing import NamedTuple, Self, cast

HOST = "127.0.0.1"
#: An idle connection is not used again after so many seconds: the server may be about to close it.
_REUSE = 2.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n")
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked\r\n")
_CLOSE = re.compile(rb"\r\nconnection: *close\r\n")


class LostError(Exception):
    """The connection ended after the request was sent and before a whole answer came."""


class Answer(NamedTuple):
    """A whole answer; ``head`` is its status line and header fields in lower case."""

    status: int
    head: bytes
    body: bytes

    @property
    def retry_after(self) -> bool:
        """Whether it says when to come again."""
        return b"\r\nretry-after:" in self.head

    @property
    def closes(self) -> bool:
        """Whether the connection ends with it."""
        return _CLOSE.search(self.head) is not None


def post(path: str, body: bytes, fields: Iterable[tuple[str, str]] = (("Content-Type", "application/json"),)) -> bytes:
    """A whole request, ready to be sent."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {HOST}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in fields]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def parse(data: bytes | bytearray, *, closed: bool = False) -> Answer | None:
    """The answer at the beginning of ``data``, or None as long as it is not whole.

    Args:
        data: what has been received.
        closed: whether nothing will follow, which ends an answer that does not tell its length.
    """
    end = data.find(b"\r\n\r\n")
    if end == -1:
        return None
    head, start = bytes(data[: end + 2]).lower(), end + 4
    status = int(head[9:12])
    if length := _LENGTH.search(head):
        stop = start + int(length[1])
        return Answer(status, head, bytes(data[start:stop])) if len(data) >= stop else None
    if _CHUNKED.search(head):
        body = _join_chunks(data, start)
        return None if body is None else Answer(status, head, body)
    return Answer(status, head, bytes(data[start:])) if closed else None


def _join_chunks(data: bytes | bytearray, start: int) -> bytes | None:
    body = b""
    while (line := data.find(b"\r\n", start)) != -1:
        size = int(data[start:line].partition(b";")[0], 16)
        start = line + 2 + size + 2
        if len(data) < start:
            return None
        if size == 0:
            return body
        body += data[line + 2 : line + 2 + size]
    return None


class _Connection(asyncio.Protocol):
    """A connection that carries one request at a time."""

    def __init__(self) -> None:
        self.is_open = True
        self.used = time.perf_counter()
        self._data = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None

    @classmethod
    async def open(cls, port: int) -> Self:
        _, connection = await asyncio.get_running_loop().create_connection(cls, HOST, port)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        self._settle(closed=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if exc is not None:
            self._read_rest()
        self._settle(closed=True)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(LostError(f"{len(self._data)} bytes of an answer, then the connection ended"))

    def _read_rest(self) -> None:
        """Where sending failed, the answer may have come in already."""
        with contextlib.suppress(OSError):
            while data := os.read(self._transport.get_extra_info("socket").fileno(), 65_536):
                self._data += data

    def _settle(self, *, closed: bool) -> None:
        if self._waiting is None or self._waiting.done():
            return
        answer = parse(self._data, closed=closed)
        if answer is not None:
            self._data.clear()
            self._waiting.set_result(answer)

    async def ask(self, request: bytes) -> Answer:
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        answer = await self._waiting
        self.used = time.perf_counter()
        if answer.closes or self._transport.get_write_buffer_size() > 0:
            self.close()
        return answer

    def close(self) -> None:
        """Close at once; what has not been sent yet never is."""
        self.is_open = False
        self._transport.abort()


class Client:
    """Asks one thing after the other, over a connection that it opens when it needs one and keeps.

    Args:
        port: the server's, on this machine.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: _Connection | None = None

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its answer.

        Raises:
            LostError: the request was sent and not answered.
            OSError: no connection came about, and nothing was sent.
        """
        if self._connection is not None and time.perf_counter() - self._connection.used > _REUSE:
            self.close()
        if self._connection is None or not self._connection.is_open:
            self._connection = await _Connection.open(self._port)
        return await self._connection.ask(request)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
