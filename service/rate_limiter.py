"""Refusing callers that ask too often."""

import math
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.key_guard import CALLER, is_open
from service.moving_window import MovingWindow
from service.problems import ProblemError
from service.rate import Rate
from service.refusal import refuse


class RateLimiter:
    """Lets every caller through at a rate: one with a key by its key, others by their address.

    What is open to everybody is not limited. Every answer has the headers of draft-ietf-httpapi-ratelimit-headers.

    Args:
        app: what is limited.
        rate: how many requests in how long.
        clock: the time in seconds.
    """

    def __init__(self, app: ASGIApp, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._rate = rate
        self._window = MovingWindow(rate, clock)
        self._policy = f'"requests";q={rate.requests};w={rate.seconds}'

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count it, or refuse it."""
        if scope["type"] != "http" or is_open(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        quota = self._window.take(_caller(scope))
        seconds = max(1, math.ceil(quota.seconds))
        headers = {"RateLimit-Policy": self._policy, "RateLimit": f'"requests";r={quota.remaining};t={seconds}'}
        if not quota.is_taken:
            await refuse(self._refusal(seconds, headers), scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self._app(scope, receive, counted)

    def _refusal(self, seconds: int, headers: dict[str, str]) -> ProblemError:
        detail = f"more than {self._rate.requests} requests in {self._rate.seconds} s; try again in {seconds} s"
        return ProblemError(429, detail, headers={**headers, "Retry-After": str(seconds)})


def _caller(scope: Scope) -> tuple[str, str]:
    """Who is counted together."""
    caller = scope.get("state", {}).get(CALLER)
    if caller is not None:
        return "key", caller.id
    return "address", scope["client"][0] if scope.get("client") else ""
