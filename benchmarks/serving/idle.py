"""Part "idle": a single client, and a request that is far too large."""

import asyncio
import json
import math
import time

from benchmarks.serving import servers, workload
from benchmarks.serving.client import Client, LostError, post
from benchmarks.serving.load import NO_ANSWER, PATIENCE, closed_loop
from benchmarks.serving.options import Options
from benchmarks.serving.report import Figure, Floor

PART = "idle"
_WORDS = 2_000_000  # of five bytes each
_ROUNDS = 5


def measure(options: Options) -> list[Figure]:
    """The latency of a request of one sentence, and how fast 10 MB are refused."""
    requests = workload.for_service(workload.sentences())
    with servers.frameline() as service:
        load = asyncio.run(closed_loop(service.port, requests, clients=1, seconds=options.seconds))
        whole, chunked = ([asyncio.run(_refuse(service.port, large)) for _ in range(_ROUNDS)] for large in _large())
    otherwise = sum(status // 100 != 4 for status, _ in [*whole, *chunked])
    return [
        Figure(part=PART, name="p50, ms", value=1e3 * load.latency(0.5), floor=Floor("≤", 12)),
        Figure(part=PART, name="p99, ms", value=1e3 * load.latency(0.99)),
        Figure(part=PART, name="10 MB refused, slowest, ms", value=_slowest(whole), floor=Floor("≤", 50)),
        Figure(part=PART, name="10 MB in chunks refused, slowest, ms", value=_slowest(chunked), floor=Floor("≤", 50)),
        Figure(part=PART, name="10 MB not answered 4xx", value=otherwise, floor=Floor("≤", 0)),
    ]


def _slowest(answers: list[tuple[int, float]]) -> float:
    return max(took for _, took in answers)


def _large() -> tuple[bytes, bytes]:
    """A request of 10 MB, and the same without Content-Length, so that its size shows only while it comes in."""
    whole = post(workload.CLASSIFY, json.dumps({"text": "word " * _WORDS}).encode())
    head, _, body = whole.partition(b"\r\n\r\n")
    fields = [field for field in head.split(b"\r\n") if not field.startswith(b"Content-Length")]
    pieces = [body[start : start + 65_536] for start in range(0, len(body), 65_536)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    return whole, b"\r\n".join([*fields, b"Transfer-Encoding: chunked", b"", chunks])


async def _refuse(port: int, request: bytes) -> tuple[int, float]:
    """The status, and the milliseconds from opening the connection to the answer."""
    client = Client(port)
    start = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            status = (await client.ask(request)).status
    except (LostError, OSError):
        return NO_ANSWER, math.inf
    finally:
        client.close()
    return status, 1e3 * (time.perf_counter() - start)
