import asyncio
import json
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from service.api_key import Caller
from service.rate import parse_rate
from service.rate_limiter import RateLimiter
from tests.service.test_moving_window import Clock


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]})
    await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def receive() -> Message:
    return {"type": "http.request"}


class Limited:
    def __init__(self, rate: str, clock: Clock) -> None:
        self.limiter = RateLimiter(app, parse_rate(rate), clock)

    def ask(self, path: str = "/v1/classify", **scope: Any) -> tuple[int, dict[str, str], Any]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        given = {"type": "http", "method": "GET", "path": path, "headers": [], "client": ("10.0.0.1", 1), **scope}
        asyncio.run(self.limiter(given, receive, send))
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], headers, json.loads(sent[1]["body"])

    def status(self, **scope: Any) -> int:
        return self.ask(**scope)[0]


def by_key(key: str) -> dict[str, Any]:
    return {"state": {"key": Caller(key, "same name")}}


def test_more_than_the_rate_is_refused_until_there_is_room(clock: Clock) -> None:
    limited = Limited("3/minute", clock)
    for expected in (2, 1, 0):
        status, headers, _ = limited.ask()
        assert status == 200
        assert headers["x"] == "y"
        assert headers["ratelimit-policy"] == '"requests";q=3;w=60'
        assert headers["ratelimit"] == f'"requests";r={expected};t={60 - (2 - expected) * 10}'
        clock.now += 10
    status, headers, problem = limited.ask()
    assert (status, headers["retry-after"]) == (429, "30")
    assert headers["content-type"] == "application/problem+json"
    assert headers["ratelimit"] == '"requests";r=0;t=30'
    assert problem["detail"] == "more than 3 requests in 60 s; try again in 30 s"
    clock.now += int(headers["retry-after"]) - 0.5
    assert limited.status() == 429
    clock.now += 0.6
    assert limited.status() == 200
    assert limited.status() == 429  # the second of the first three is still within a minute


def test_every_key_and_every_address_has_its_own(clock: Clock) -> None:
    limited = Limited("1/hour", clock)
    callers: list[dict[str, Any]] = [
        by_key("00000001"),
        by_key("00000002"),
        {},
        {"client": ("10.0.0.2", 1)},
        {"client": ("00000001", 1)},
        {"client": None},
    ]
    assert [limited.status(**caller) for caller in callers] == [200] * 6
    assert [limited.status(**caller) for caller in callers] == [429] * 6
    assert limited.status(client=("10.0.0.1", 2)) == 429  # another port is the same address
    assert limited.status(client=("10.0.0.9", 1), **by_key("00000001")) == 429  # another address, the same key


def test_what_is_open_is_not_limited(clock: Clock) -> None:
    limited = Limited("1/hour", clock)
    for path in ("/health/ready", "/", "/docs"):
        for _ in range(3):
            status, headers, _ = limited.ask(path)
            assert (status, "ratelimit" in headers) == (200, False)
