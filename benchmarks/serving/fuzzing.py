"""Part "fuzzing": requests that are wrong in many ways."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator

from benchmarks.serving import servers, workload
from benchmarks.serving.client import Client, LostError
from benchmarks.serving.load import NO_ANSWER, ask_alone
from benchmarks.serving.mutations import mutated_requests
from benchmarks.serving.options import Options
from benchmarks.serving.report import Figure, Floor

PART = "fuzzing"
_CLIENTS = 8
#: Of so many requests that were answered wrongly the bodies are shown.
_SHOWN = 10


def measure(options: Options) -> list[Figure]:
    """Send them all; the service must answer each, blame none on itself and be well afterwards."""
    (probe,) = workload.for_service(["Ankara blamed NATO."])
    statuses: Counter[int] = Counter()
    with servers.frameline() as service:
        before = asyncio.run(ask_alone(service.port, [probe]))
        asyncio.run(_send(service.port, mutated_requests(options.bodies), statuses))
        alive = service.is_ready() and asyncio.run(ask_alone(service.port, [probe])) == before
    return figures(statuses, alive=alive)


async def _send(port: int, requests: Iterator[bytes], statuses: Counter[int]) -> None:
    shown = iter(range(_SHOWN))

    async def ask_on() -> None:
        client = Client(port)
        for request in requests:
            try:
                status = (await client.ask(request)).status
            except (LostError, OSError):
                status = NO_ANSWER
            statuses[status] += 1
            if (status >= 500 or status == NO_ANSWER) and next(shown, None) is not None:
                print(f"answered {status}: {request[:400]!r}", file=sys.stderr)
        client.close()

    await asyncio.gather(*(ask_on() for _ in range(_CLIENTS)))


def figures(statuses: Counter[int], *, alive: bool) -> list[Figure]:
    """How many were answered how."""

    def count(hundred: int) -> int:
        return sum(number for status, number in statuses.items() if status // 100 == hundred)

    zero = Floor("≤", 0)
    return [
        Figure(part=PART, name="requests", value=statuses.total()),
        Figure(part=PART, name="answered 2xx", value=count(2)),
        Figure(part=PART, name="answered 4xx", value=count(4)),
        Figure(part=PART, name="answered 5xx", value=count(5), floor=zero),
        Figure(part=PART, name="not answered", value=statuses[NO_ANSWER], floor=zero),
        Figure(part=PART, name="alive and right afterwards", value=int(alive), floor=Floor("≥", 1)),
    ]
