"""HTTP of a server that strangers reach: no head without an end, and no connection on which nothing goes on."""

import asyncio
from asyncio import TimerHandle
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.logs import get_logger

#: Bytes of a request's head, of what stands behind its body, or of the head of one of its chunks; with 64 kB more that
#: came at once.
HEAD_BYTES = 65_536
#: Seconds for the head of a request, counted from the connection or from the answer before, and seconds in which a
#: client takes nothing of an answer.
HEAD_SECONDS, STUCK_SECONDS = 30.0, 300.0
#: Looks within that time, all of which must find as much unsent; two may by chance where a slow client does read.
_LOOKS = 10
_REFUSAL = b"the head of the request has too many bytes"
_logger = get_logger("server")


class Protocol(HttpToolsProtocol):
    """Uvicorn's protocol, which keeps whatever a head holds for as long as it comes, with bounds.

    They hold before a key is looked at, so that nobody can fill the memory, or keep all connections, without one.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._unread = 0
        self._head_timer: TimerHandle | None = None
        self._stuck_timer: TimerHandle | None = None
        self._left = self._unchanged = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a first head."""
        super().connection_made(transport)
        self._await_head()
        self._watch_answers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop(self._head_timer)
        self._stop(self._stuck_timer)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request."""
        self._unread += len(data)
        super().data_received(data)
        if self._unread > HEAD_BYTES + len(data) and not self.transport.is_closing():
            _logger.warning("the head of a request is too large")
            self._refuse()

    def on_headers_complete(self) -> None:
        """A head has ended."""
        self._unread = 0
        self._stop(self._head_timer)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body came."""
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request has ended."""
        self._unread = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer was given; the next head is waited for."""
        self._await_head()
        super().on_response_complete()

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _await_head(self) -> None:
        self._stop(self._head_timer)
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _give_up(self) -> None:
        """Close a connection on which no head came; what is still to be sent is sent."""
        if not self._is_answering and not self.transport.is_closing():
            self.transport.close()

    def _watch_answers(self) -> None:
        """Look from time to time whether the client takes what it is sent, and drop the connection if it does not."""
        left = self.transport.get_write_buffer_size()
        self._unchanged = self._unchanged + 1 if left and left == self._left else 0
        if self._unchanged == _LOOKS:
            self.transport.abort()
            return
        self._left = left
        self._stuck_timer = self.loop.call_later(STUCK_SECONDS / _LOOKS, self._watch_answers)

    def _refuse(self) -> None:
        if not self._is_answering:
            head = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain\r\nconnection: close\r\n"
            self.transport.write(head + b"content-length: %d\r\n\r\n" % len(_REFUSAL) + _REFUSAL)
        self.transport.close()

    @staticmethod
    def _stop(timer: TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
