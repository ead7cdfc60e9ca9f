"""The server process: it answers what it took before it stops."""

import asyncio
import ctypes
import errno
import math
import os
import socket
import struct
import sys
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.host import describe_failure
from service.logs import get_logger
from service.protocol import Protocol

_logger = get_logger("server")
#: Of every answer: nothing is taken for another type than it says, and nothing is shown within a page of somebody else.
_HEADERS = [("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer")]
#: The exit code of what cannot start, as of all commands.
_NOT_STARTED = 2
_POLL = 0.02
#: Seconds in which connections that have been made are accepted, when no further ones can be made.
_SETTLE = 0.1
#: Linux's SO_ATTACH_FILTER, which Python's socket module does not name.
_ATTACH_FILTER = 26
#: A classic BPF program, (code, jump if true, jump if false, constant) each: drop what has the SYN flag, pass the rest.
_DROP_SYN = ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))


class Server(uvicorn.Server):
    """Uvicorn, but a connection that is open when the service stops is closed only after an answer or when idle.

    From then on no connection can be made, and every answer asks the client to close. A connection on which nothing
    is asked any more is closed after ``drain_seconds``, so that a request which is just on its way is not lost, and
    one whose client does not send its request to the end, or does not read the answer, is given up after
    ``max_seconds``.

    Args:
        app: the service.
        drain_seconds: how long idle connections get to close.
        on_ready: called once connections can be made.
    """

    def __init__(self, app: FastAPI, drain_seconds: float, on_ready: Callable[[], None] = lambda: None) -> None:
        config = uvicorn.Config(
            _Closing(app),
            http=Protocol,
            headers=_HEADERS,
            log_config=None,
            log_level=None,
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=math.ceil(app.state.settings.max_seconds),
        )
        super().__init__(config)
        self._app = app
        self._drain_seconds = drain_seconds
        self._on_ready = on_ready
        self._max_seconds: float = app.state.settings.max_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Load the model, then listen.

        Raises:
            FramelineError: somebody else has begun to listen on the port meanwhile.
            SystemExit: the model cannot be loaded; the log has the reason.
        """
        host, port = sockets[0].getsockname()[:2] if sockets else ("", 0)
        try:
            await super().startup(sockets)
            for one in sockets or ():
                _check_listening(one)
        except OSError as error:
            await self.lifespan.shutdown()
            raise describe_failure(host, port, error) from None
        except SystemExit:  # with a code that has another meaning here
            raise SystemExit(_NOT_STARTED) from None
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain the open connections, then stop."""
        self._app.state.stopping = True
        self._app.state.jobs.stop_receiving()
        _logger.info("stopping", connections=len(self.server_state.connections))
        for server in self.servers:
            for listening in server.sockets:
                turn_newcomers_away(listening.fileno())
        await asyncio.sleep(_SETTLE)
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        end, last = loop.time() + self._drain_seconds, loop.time() + self._max_seconds
        while self.server_state.connections and not self.force_exit:
            now = loop.time()
            if now >= (last if self.server_state.tasks else end):
                break
            await asyncio.sleep(_POLL)
        if self.server_state.tasks:  # what the client keeps from ending is given up now
            self.config.timeout_graceful_shutdown = 1
        await super().shutdown(sockets)


def turn_newcomers_away(descriptor: int) -> None:
    """Let no further connection be made to a listening socket, while those made can still be accepted.

    Closing the socket would reset connections that its queue still holds. A client whose first packet is dropped
    tries again a second later, and is refused by then. Linux only (socket(7)); elsewhere nothing happens.
    """
    if sys.platform != "linux":
        return
    program = b"".join(struct.pack("HBBI", *line) for line in _DROP_SYN)
    kept = ctypes.create_string_buffer(program, len(program))
    with socket.socket(fileno=os.dup(descriptor)) as listening:
        listening.setsockopt(
            socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HP", len(_DROP_SYN), ctypes.addressof(kept))
        )


def _check_listening(bound: socket.socket) -> None:
    """See that a socket listens: where it cannot, uvloop closes it and raises nothing."""
    if bound.fileno() == -1 or not bound.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


class _Closing:
    """Asks clients to close their connections while the service stops."""

    def __init__(self, app: FastAPI) -> None:
        self._app: ASGIApp = app
        self._state = app.state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and self._state.stopping:
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self._app(scope, receive, closing if scope["type"] == "http" else send)
