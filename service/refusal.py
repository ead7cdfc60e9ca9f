"""Refusing a request before its body is read."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from service.problems import ProblemError

#: Of a body that is not read, so much is thrown away.
_BYTES = 32_000_000
_SECONDS = 5.0


async def refuse(problem: ProblemError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a problem at once, and throw away what still comes of the body before the answer ends.

    Many clients read no answer before they have sent everything; where the connection is closed after the answer,
    they would find it reset. One that expects to be told to continue sends nothing.
    """

    async def send_at_last(message: Message) -> None:
        if message["type"] == "http.response.body" and "expect" not in Headers(scope=scope):
            await discard(receive)
        await send(message)

    await problem.response()(scope, receive, send_at_last)


async def discard(receive: Receive) -> None:
    """Throw away what still comes of a body, for a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS):
            await _take(receive)


async def _take(receive: Receive) -> None:
    discarded = 0
    while discarded < _BYTES:
        message = await receive()
        discarded += len(message.get("body", b""))
        if not message.get("more_body", False):  # nor has a client more to say that hung up
            return
