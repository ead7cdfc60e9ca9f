"""Work that is done for a client as long as it is there."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from service.labelling import while_connected
from service.problems import HUNG_UP, ProblemError

DISCONNECT = {"type": "http.disconnect"}


class Work:
    """Waits until it is told to go on; ``ended`` says whether it stopped."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.ended = False

    async def run(self) -> str:
        try:
            await self.go_on.wait()
            return "done"
        finally:
            self.ended = True


def request_of(hung_up: asyncio.Event) -> Request:
    async def receive() -> Message:
        await hung_up.wait()
        return DISCONNECT

    return Request({"type": "http"}, receive)


def test_the_result_is_given_and_the_client_no_longer_watched() -> None:
    async def main() -> str:
        work, before = Work(), asyncio.all_tasks()
        asyncio.get_running_loop().call_soon(work.go_on.set)
        answer = await while_connected(request_of(asyncio.Event()), work.run())
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
        return answer

    assert asyncio.run(main()) == "done"


def test_work_has_ended_when_its_client_is_found_to_have_hung_up() -> None:
    async def main() -> None:
        work, hung_up = Work(), asyncio.Event()
        asyncio.get_running_loop().call_later(0.01, hung_up.set)
        with pytest.raises(ProblemError) as caught:
            await while_connected(request_of(hung_up), work.run())
        assert caught.value.problem.status == HUNG_UP
        assert work.ended

    asyncio.run(main())


def test_a_failure_is_told() -> None:
    async def fail() -> None:
        raise ProblemError(503, "busy")

    with pytest.raises(ProblemError, match="busy"):
        asyncio.run(while_connected(request_of(asyncio.Event()), fail()))


def test_who_gives_up_the_request_gives_up_the_work() -> None:
    async def main() -> None:
        work = Work()
        waiting = asyncio.create_task(while_connected(request_of(asyncio.Event()), work.run()))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert work.ended

    asyncio.run(main())
