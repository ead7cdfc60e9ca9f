"""The server process: it answers what it took before it stops."""

import asyncio
import math
import socket

import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLL = 0.02


class Server(uvicorn.Server):
    """Uvicorn, but a connection that is open when the service stops is closed only after an answer or when idle.

    From then on nothing new is accepted, and every answer asks the client to close. A connection on which nothing
    is asked any more is closed after ``drain_seconds``, so that a request which is just on its way is not lost, and
    one on which an answer is not read is given up after ``max_seconds``.
    """

    def __init__(self, app: FastAPI, host: str, port: int, drain_seconds: float) -> None:
        patience = math.ceil(app.state.settings.max_seconds)
        config = uvicorn.Config(
            _Closing(app), host=host, port=port, log_level="info", timeout_graceful_shutdown=patience
        )
        super().__init__(config)
        self._app = app
        self._drain_seconds = drain_seconds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain the open connections, then stop."""
        self._app.state.stopping = True
        await asyncio.sleep(0)  # accepts what has connected by now
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        end = loop.time() + self._drain_seconds
        while self.server_state.connections and (self.server_state.tasks or loop.time() < end) and not self.force_exit:
            await asyncio.sleep(_POLL)
        await super().shutdown(sockets)


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
