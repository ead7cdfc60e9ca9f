"""Traces by OpenTelemetry: a span for each request, its time in the queue and its labelling.

The spans are made here instead of by OpenTelemetry's own middleware, which records whole addresses and the messages
of exceptions; these name routes, counts and statuses only. What is traced how and sent where, the SDK reads from its
OTEL_ variables.
"""

from collections.abc import Iterable
from threading import Thread

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, StatusCode, format_trace_id, set_span_in_context

from service.passage import Passage
from service.record import Record
from service.tracing import Tracing

#: Seconds that the last spans get.
_PATIENCE = 2.0


class Telemetry(Tracing):
    """Sends spans over OTLP, by a provider of its own."""

    def __init__(self) -> None:
        named = Resource({"service.name": "frameline"}).merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=Resource.create(named.attributes), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(make_exporter()))
        self._tracer = self._provider.get_tracer("frameline")

    def begin(self, record: Record, method: str, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Start the request's span, below that of the client if it has one."""
        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        span = self._tracer.start_span(
            method, extract(carrier), kind=SpanKind.SERVER, attributes={"http.request.method": method}
        )
        record.span = span
        context = span.get_span_context()
        record.trace_id = format_trace_id(context.trace_id) if context.is_valid else ""

    def end(self, record: Record, method: str, route: str, status: int) -> None:
        """End the request's span."""
        span = record.span
        span.update_name(f"{method} {route}")
        span.set_attributes(
            {
                "http.route": route,
                "http.response.status_code": status,
                "frameline.request_id": record.request_id,
                "frameline.documents": record.documents,
                "frameline.sentences": record.sentences,
            }
        )
        if status >= 500:
            span.set_status(StatusCode.ERROR)
        span.end()

    def passed(self, record: Record, passage: Passage) -> None:
        """Add the spans of a way through the queue that is over."""
        if record.span is None:
            return
        parent = set_span_in_context(record.span)
        attributes = {"frameline.sentences": passage.sentences}
        waiting = self._tracer.start_span("queue", parent, attributes=attributes, start_time=passage.entered)
        waiting.end(passage.taken or passage.left)
        if passage.taken:
            labelling = self._tracer.start_span("label", parent, attributes=attributes, start_time=passage.taken)
            labelling.end(passage.left)

    def close(self) -> None:
        """Send what has not been sent, unless that takes too long, as where nobody takes it."""
        closing = Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_PATIENCE)


def make_exporter() -> SpanExporter:
    """What sends the spans."""
    return OTLPSpanExporter()
