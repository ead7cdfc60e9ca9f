"""Load on a server: closed (each client waits for its answer) and open (requests come whether or not it keeps up)."""

import asyncio
import itertools
import json
import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from benchmarks.serving.client import Answer, Client, LostError

#: Seconds after which a request in an open loop counts as not answered.
PATIENCE = 30.0
#: Seconds that a client in a closed loop waits after a refusal.
_PAUSE = 0.05
#: The status of a request that was not answered.
NO_ANSWER = 0


class Outcome(NamedTuple):
    """What became of a request; ``latency`` in seconds, ``faulty`` where the answer is not what it must be."""

    number: int
    latency: float
    status: int
    faulty: bool = False


@dataclass
class Load:
    """The requests that ended within some seconds."""

    outcomes: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def statuses(self) -> Counter[int]:
        """How many answers of each status there were."""
        return Counter(outcome.status for outcome in self.outcomes)

    @property
    def rate(self) -> float:
        """Answers of status 200 a second."""
        return self.statuses[200] / self.seconds

    @property
    def failed(self) -> int:
        """How many requests were not answered 200."""
        return len(self.outcomes) - self.statuses[200]

    def latency(self, share: float) -> float:
        """The latency, in seconds, within which this share of the answers of status 200 came."""
        return percentile([outcome.latency for outcome in self.outcomes if outcome.status == 200], share)

    def add(self, other: "Load") -> None:
        """Take in another round of the same load."""
        self.outcomes += other.outcomes
        self.seconds += other.seconds


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0 to 1) of the values do not exceed; infinite for no values."""
    if not values:
        return math.inf
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


async def ask_alone(port: int, requests: Sequence[bytes]) -> list[bytes]:
    """The bodies of the answers to requests that are sent one after the other.

    Raises:
        RuntimeError: one was not answered 200.
    """
    client = Client(port)
    answers = [await client.ask(request) for request in requests]
    client.close()
    if wrong := [answer for answer in answers if answer.status != 200]:
        raise RuntimeError(f"a request that was sent alone was answered {wrong[0].status}: {wrong[0].body!r}")
    return [answer.body for answer in answers]


async def closed_loop(
    port: int, requests: Sequence[bytes], *, clients: int, seconds: float, warm_up: float = 1.0
) -> Load:
    """Let clients ask one request after the other, and count what ends within ``seconds`` after the warm-up."""
    load = Load(seconds=seconds)
    start = time.perf_counter() + warm_up
    end = start + seconds
    numbers = itertools.cycle(range(len(requests)))

    async def ask_on() -> None:
        client = Client(port)
        while (sent := time.perf_counter()) < end:
            number = next(numbers)
            try:
                status = (await client.ask(requests[number])).status
            except (LostError, OSError):
                status = NO_ANSWER
            if start <= (now := time.perf_counter()) <= end:
                load.outcomes.append(Outcome(number, now - sent, status))
            if status != 200:
                await asyncio.sleep(_PAUSE)
        client.close()

    await asyncio.gather(*(ask_on() for _ in range(clients)))
    return load


class OpenLoop:
    """Requests that come at random at a given rate, each over a connection that is free or else a new one.

    A latency counts from the moment at which the request was due, so a generator that falls behind hides nothing;
    ``lags`` tells by how many seconds it did.

    Args:
        port: the server's.
        requests: what is asked, drawn at random.
        expected: the body of the right answer to each.
        seed: of the draw and of the moments.
    """

    def __init__(self, port: int, requests: Sequence[bytes], expected: Sequence[bytes], seed: int = 0) -> None:
        self._port = port
        self._requests = requests
        self._expected = expected
        self._random = random.Random(seed)  # noqa: S311
        self._free: list[Client] = []
        self._running: set[asyncio.Task[None]] = set()
        self.load = Load()
        self.lags: list[float] = []

    async def send(self, rate: float, seconds: float) -> None:
        """Send for some seconds; what is still unanswered afterwards runs on."""
        due = time.perf_counter()
        end = due + seconds
        self.load.seconds += seconds
        while (due := due + self._random.expovariate(rate)) < end:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self.lags.append(time.perf_counter() - due)
            task = asyncio.create_task(self._ask(self._random.randrange(len(self._requests)), due))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def finish(self) -> Load:
        """Wait for the last answers."""
        await asyncio.gather(*self._running)
        for client in self._free:
            client.close()
        return self.load

    async def _ask(self, number: int, due: float) -> None:
        client = self._free.pop() if self._free else Client(self._port)
        status, faulty = NO_ANSWER, False
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await client.ask(self._requests[number])
        except (LostError, OSError):  # a TimeoutError is an OSError
            client.close()
        else:
            self._free.append(client)
            status, faulty = answer.status, is_faulty(answer, self._expected[number])
        self.load.outcomes.append(Outcome(number, time.perf_counter() - due, status, faulty))


def is_faulty(answer: Answer, expected: bytes) -> bool:
    """Whether an answer of status 200 has other documents than expected, or a 503 does not say when to come again."""
    if answer.status == 503:
        return not answer.retry_after
    if answer.status != 200 or answer.body == expected:
        return False
    return bool(json.loads(answer.body)["documents"] != json.loads(expected)["documents"])
