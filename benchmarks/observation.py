"""What the id, the log line, the metrics and the spans cost a request.

    python -m benchmarks.observation 2> /dev/null

An app that answers at once is called with and without the middleware. Log lines are written as JSON to standard error;
spans are kept in memory, which takes the place of sending them.
"""

import asyncio
import logging
import statistics
from time import perf_counter

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import telemetry
from service.log_output import configure_logging
from service.metrics import Metrics
from service.observation import Observation
from service.tracing import Tracing

_REQUESTS, _ROUNDS = 2_000, 9
_HEADERS = [(b"host", b"x"), (b"accept", b"*/*"), (b"content-type", b"application/json"), (b"content-length", b"2")]


class _Route:
    path = "/v1/classify"


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    scope["route"] = _Route
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


async def _receive() -> Message:
    return {"type": "http.request", "body": b"{}", "more_body": False}


async def _send(message: Message) -> None:
    pass


async def measure(app: ASGIApp) -> float:
    """Microseconds a request."""
    start = perf_counter()
    for _ in range(_REQUESTS):
        await app({"type": "http", "method": "POST", "path": "/", "headers": _HEADERS}, _receive, _send)
    return (perf_counter() - start) / _REQUESTS * 1e6


def main() -> None:
    """Run the benchmark and print the medians."""
    configure_logging("json")
    telemetry.make_exporter = InMemorySpanExporter
    spans = telemetry.Telemetry()
    ways: dict[str, tuple[Tracing, int]] = {
        "id and metrics": (Tracing(), logging.WARNING),
        "id, metrics and log line": (Tracing(), logging.INFO),
        "id, metrics, log line and span": (spans, logging.INFO),
    }
    costs: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_ROUNDS):
        without = asyncio.run(measure(_answer))
        for name, (tracing, level) in ways.items():
            logging.getLogger("frameline").setLevel(level)
            costs[name].append(asyncio.run(measure(Observation(_answer, Metrics(), tracing))) - without)
    spans.close()
    for name, values in costs.items():
        print(f"{name}: {statistics.median(values):.0f} µs a request (median of {_ROUNDS})")


if __name__ == "__main__":
    main()
