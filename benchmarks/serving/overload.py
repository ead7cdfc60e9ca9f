"""Part "overload": twice as many requests as the service can answer, with one sentence and with ten, mixed."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from statistics import median

from benchmarks.serving import servers, workload
from benchmarks.serving.client import Client, LostError
from benchmarks.serving.load import NO_ANSWER, PATIENCE, Load, OpenLoop, ask_alone, closed_loop, percentile
from benchmarks.serving.options import Options
from benchmarks.serving.process import Server
from benchmarks.serving.report import Figure, Floor

PART = "overload"
_CLIENTS = 32
_REQUESTS = 400
#: The service is idle again when the median of so many answers is within this ratio of what it was before.
_PROBES, _SLOWER = 10, 1.5


def measure(options: Options) -> list[Figure]:
    """Measure the capacity, send twice as much, and see that the service is itself again afterwards."""
    requests = workload.mixed(_REQUESTS)
    with servers.frameline() as service:
        return asyncio.run(_measure(service, requests, options.seconds))


async def _measure(service: Server, requests: Sequence[bytes], seconds: float) -> list[Figure]:
    expected = await ask_alone(service.port, requests)
    usual = (await closed_loop(service.port, requests[:1], clients=1, seconds=2)).latency(0.5)
    capacity = (await closed_loop(service.port, requests, clients=_CLIENTS, seconds=seconds)).rate
    memory = [service.resident()]
    watching = asyncio.create_task(_watch(service, memory))
    loop = OpenLoop(service.port, requests, expected)
    await loop.send(2 * capacity, 3 * seconds)
    recovered = await _recover(service.port, requests[0], usual)
    load = await loop.finish()
    watching.cancel()
    memory.append(service.resident())
    return figures(load, memory, capacity=capacity, recovered=recovered, lags=loop.lags)


async def _watch(service: Server, memory: list[float]) -> None:
    while True:
        await asyncio.sleep(0.5)
        memory.append(service.resident())


async def _recover(port: int, request: bytes, usual: float) -> float:
    """Seconds until the answers to a single client are as fast as usual again."""
    client = Client(port)
    recent: deque[float] = deque(maxlen=_PROBES)
    start = time.perf_counter()
    while (sent := time.perf_counter()) < start + PATIENCE:
        try:
            status = (await client.ask(request)).status
        except (LostError, OSError):
            status = NO_ANSWER
        if status != 200:
            recent.clear()
            await asyncio.sleep(0.05)
            continue
        recent.append(time.perf_counter() - sent)
        if len(recent) == _PROBES and median(recent) <= _SLOWER * usual:
            break
    client.close()
    return time.perf_counter() - start


def figures(
    load: Load, memory: Sequence[float], *, capacity: float, recovered: float, lags: Sequence[float]
) -> list[Figure]:
    """What the load says; ``memory`` (MB) begins after the warm-up and ends with the end."""
    statuses = load.statuses
    other = len(load.outcomes) - statuses[200] - statuses[503]
    faulty = [outcome.status for outcome in load.outcomes if outcome.faulty]
    zero = Floor("≤", 0)
    return [
        Figure(part=PART, name="capacity, requests/s", value=capacity),
        Figure(part=PART, name="sent, requests/s, against capacity", value=_sent(load), other=capacity),
        Figure(part=PART, name="answered 200, requests/s, against capacity", value=load.rate, other=capacity),
        Figure(part=PART, name="answered 503", value=statuses[503]),
        Figure(part=PART, name="not answered 200 or 503", value=other, floor=zero),
        Figure(part=PART, name="503 without Retry-After", value=faulty.count(503), floor=zero),
        Figure(part=PART, name="200 with other labels than alone", value=faulty.count(200), floor=zero),
        Figure(part=PART, name="p99 of the 200s, ms", value=1e3 * load.latency(0.99), floor=Floor("≤", 2000)),
        Figure(part=PART, name="memory at the start, MB", value=memory[0]),
        Figure(
            part=PART, name="most memory, MB, against start", value=max(memory), other=memory[0], floor=Floor("≤", 1.3)
        ),
        Figure(part=PART, name="memory at the end, MB", value=memory[-1]),
        Figure(part=PART, name="idle latency again after, s", value=recovered, floor=Floor("≤", 5)),
        Figure(part=PART, name="generator behind by, p99, ms", value=1e3 * percentile(lags, 0.99)),
    ]


def _sent(load: Load) -> float:
    return len(load.outcomes) / load.seconds
