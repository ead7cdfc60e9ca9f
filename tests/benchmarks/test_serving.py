"""The accounting of the serving benchmark, and its HTTP client, without any of the servers."""

import asyncio
import json
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from benchmarks.serving import overload, sentences, termination
from benchmarks.serving.client import Answer, Client, LostError, parse, post
from benchmarks.serving.load import NO_ANSWER, Load, OpenLoop, Outcome, closed_loop, is_faulty, percentile
from benchmarks.serving.mutations import mutated_requests
from benchmarks.serving.report import Figure, Floor, to_json

RIGHT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Result = TypeVar("Result")
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def with_server(handle: Handler, use: Callable[[int], Awaitable[Result]]) -> Result:
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        result = await use(server.sockets[0].getsockname()[1])
        await asyncio.sleep(0.05)  # the handlers see that their clients are gone
        return result


def answering(answers: list[bytes]) -> Handler:
    """A server that gives these answers in turn, over and over, and closes after an empty one."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0]))
                answers.append(answers.pop(0))
                if not answers[-1]:
                    break
                writer.write(answers[-1])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()

    return handle


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([3, 1, 2], 0.5, 2), ([1, 2, 3, 4], 0.5, 2), (range(1, 101), 0.99, 99), ([7], 0.99, 7), ([], 0.5, math.inf)],
)
def test_a_percentile_is_the_nearest_rank(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_rates_and_latencies_are_those_of_the_right_answers() -> None:
    load = Load([Outcome(0, 0.1, 200), Outcome(1, 0.3, 200), Outcome(0, 9, 503), Outcome(0, 9, NO_ANSWER)], 2.0)
    assert load.rate == 1
    assert load.failed == 2
    assert load.latency(0.99) == 0.3
    load.add(Load([Outcome(0, 0.5, 200)], 1.0))
    assert load.rate == 1
    assert load.latency(0.99) == 0.5


@pytest.mark.parametrize(
    ("data", "closed", "body"),
    [
        (RIGHT, False, b"ok"),
        (RIGHT[:-1], False, None),
        (RIGHT[:20], True, None),
        (
            b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\nA;x\r\n0123456789\r\n0\r\n\r\n",
            False,
            b"no0123456789",
        ),
        (b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n", False, None),
        (b"HTTP/1.1 400 Bad\r\nConnection: close\r\n\r\nno", False, None),
        (b"HTTP/1.1 400 Bad\r\nConnection: close\r\n\r\nno", True, b"no"),
    ],
)
def test_an_answer_is_taken_when_it_is_whole(data: bytes, closed: bool, body: bytes | None) -> None:
    answer = parse(data, closed=closed)
    assert (None if answer is None else answer.body) == body


def test_an_answer_is_taken_while_the_request_is_being_sent() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async def ask(port: int) -> list[int]:
        return [(await Client(port).ask(post("/", b" " * 10_000_000))).status for _ in range(20)]

    assert asyncio.run(with_server(refuse, ask)) == [413] * 20


def test_a_request_without_an_answer_is_lost_and_the_next_one_gets_a_new_connection() -> None:
    async def ask(port: int) -> bytes:
        client = Client(port)
        with pytest.raises(LostError):
            await client.ask(post("/", b"{}"))
        answer = await client.ask(post("/", b"{}"))
        client.close()
        return answer.body

    assert asyncio.run(with_server(answering([b"", RIGHT]), ask)) == b"ok"


def test_a_closed_loop_counts_answers_and_losses() -> None:
    async def load(port: int) -> Load:
        return await closed_loop(port, [post("/", b"{}")], clients=2, seconds=0.3, warm_up=0.05)

    found = asyncio.run(with_server(answering([RIGHT, RIGHT, b""]), load)).statuses
    assert found[200] > 0
    assert found[NO_ANSWER] > 0
    assert set(found) == {200, NO_ANSWER}


def test_an_open_loop_sends_at_its_rate_and_compares_each_answer() -> None:
    good, bad = (b'{"documents":[%d]}' % number for number in (1, 2))
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body) for body in (good, bad)]

    async def load(port: int) -> Load:
        loop = OpenLoop(port, [post("/", b"{}")], [good])
        await loop.send(200, 0.5)
        return await loop.finish()

    found = asyncio.run(with_server(answering(answers), load))
    assert 60 <= len(found.outcomes) <= 140
    faulty = sum(outcome.faulty for outcome in found.outcomes)
    assert abs(faulty - len(found.outcomes) / 2) <= 1


def test_an_answer_is_faulty_with_other_labels_or_without_a_time_to_come_again() -> None:
    expected = json.dumps({"model": 1, "documents": [1]}).encode()
    assert not is_faulty(Answer(200, b"", json.dumps({"documents": [1], "model": 2}).encode()), expected)
    assert is_faulty(Answer(200, b"", json.dumps({"documents": [2], "model": 1}).encode()), expected)
    assert is_faulty(Answer(503, b"http/1.1 503 busy\r\n", b""), expected)
    assert not is_faulty(Answer(503, b"http/1.1 503 busy\r\nretry-after: 1\r\n", b""), expected)


def test_floors_are_of_the_value_or_of_the_ratio() -> None:
    assert Figure(part="a", name="b", value=12, floor=Floor("≤", 12)).passed is True
    assert Figure(part="a", name="b", value=12, other=3, floor=Floor("≥", 5)).passed is False
    assert Figure(part="a", name="b", value=1).passed is None
    nothing = Figure(part="a", name="b", value=math.inf, other=math.inf, floor=Floor("≤", 0.5))
    assert nothing.passed is False
    assert to_json(nothing)["value"] is None


def test_every_part_fails_where_something_was_lost() -> None:
    lost = Load([Outcome(0, 0.1, 200), Outcome(0, 1, NO_ANSWER)], 1.0)
    right = Load([Outcome(0, 0.1, 200)], 1.0)

    def failures(figures: list[Figure]) -> set[str]:
        return {figure.name for figure in figures if figure.passed is False}

    assert "not answered 200" in failures(sentences.figures(lost, right))
    overloaded = overload.figures(lost, [100, 120, 110], capacity=1.0, recovered=0.1, lags=[0.0])
    assert failures(overloaded) == {"not answered 200 or 503"}
    assert not failures(termination.figures(Counter({"200": 5, "503": 1}), 0.5))
    assert len(failures(termination.figures(Counter({"lost": 1, "lost at once": 1, "500": 1}), 0.5))) == 3


def test_mutated_requests_are_the_same_each_time() -> None:
    assert list(mutated_requests(300)) == list(mutated_requests(300))
