"""Part "termination": SIGTERM while 32 clients ask one request after the other."""

import asyncio
import contextlib
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle

from benchmarks.serving import servers, workload
from benchmarks.serving.client import Client, LostError
from benchmarks.serving.options import Options
from benchmarks.serving.process import Server
from benchmarks.serving.report import Figure, Floor

PART = "termination"
_CLIENTS = 32
_REQUESTS = 400
_ROUNDS = 5
#: Seconds of load before the signal, and how long clients go on asking after it at most.
_BEFORE, _AFTER = 2.0, 40.0
#: Seconds: a request that is lost sooner met a connection that the server was just closing; nobody worked on it.
_AT_ONCE = 0.02


def measure(options: Options) -> list[Figure]:
    """Stop a server under load, several times, and count what became of each request."""
    requests = workload.mixed(_REQUESTS)
    fates: Counter[str] = Counter()
    slowest = 0.0
    for _ in range(_ROUNDS):
        with servers.frameline() as service:
            found, took = asyncio.run(_terminate(service, requests))
        fates += found
        slowest = max(slowest, took)
    return figures(fates, slowest)


async def _terminate(service: Server, requests: Sequence[bytes]) -> tuple[Counter[str], float]:
    fates: Counter[str] = Counter()
    numbers = cycle(requests)
    clients = [asyncio.create_task(_ask_on(service.port, numbers, fates)) for _ in range(_CLIENTS)]
    await asyncio.sleep(_BEFORE)
    start = time.perf_counter()
    service.process.terminate()
    done, hanging = await asyncio.wait(clients, timeout=_AFTER)
    for task in hanging:
        task.cancel()
    fates["hanging"] += len(hanging)
    for task in done:
        task.result()
    with contextlib.suppress(subprocess.TimeoutExpired):
        await asyncio.to_thread(service.process.wait, _AFTER)
    return fates, time.perf_counter() - start


async def _ask_on(port: int, requests: Iterator[bytes], fates: Counter[str]) -> None:
    """Ask until no new connection is taken."""
    client = Client(port)
    while True:
        sent = time.perf_counter()
        try:
            answer = await client.ask(next(requests))
        except LostError:
            fates["lost at once" if time.perf_counter() - sent < _AT_ONCE else "lost"] += 1
        except OSError:
            return
        else:
            fates[str(answer.status)] += 1
            if answer.status != 200:
                await asyncio.sleep(0.05)


def figures(fates: Counter[str], slowest: float) -> list[Figure]:
    """What became of the requests, and how long the slowest stop took."""
    clean, lost = ("200", "503"), ("lost", "lost at once")
    other = sum(count for fate, count in fates.items() if fate not in (*clean, *lost))
    zero = Floor("≤", 0)
    return [
        *(Figure(part=PART, name=f"answered {status}", value=fates[status]) for status in clean),
        Figure(part=PART, name="lost while being worked on", value=fates["lost"], floor=zero),
        Figure(part=PART, name="lost on a connection about to close", value=fates["lost at once"], floor=zero),
        Figure(part=PART, name="other answers, and clients left waiting", value=other, floor=zero),
        Figure(part=PART, name="slowest stop, s", value=slowest),
    ]
