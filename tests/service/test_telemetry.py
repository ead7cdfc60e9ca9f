import builtins
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from model.errors import FramelineError
from service.app import create_app
from service.settings import ServiceSettings
from service.telemetry import Telemetry
from service.tracing import Tracing, make_tracing

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    kept = InMemorySpanExporter()
    monkeypatch.setattr("service.telemetry.make_exporter", lambda: kept)
    return kept


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name == "service.telemetry":
            raise ModuleNotFoundError("No module named 'opentelemetry.sdk'", name="opentelemetry.sdk")
        return real(name, *arguments, **named)

    monkeypatch.setattr("builtins.__import__", without)


def by_name(spans: Sequence[ReadableSpan]) -> Mapping[str, ReadableSpan]:
    return {span.name: span for span in spans}


def test_a_request_its_waiting_and_its_labelling_are_spans(checkpoint: Path, exporter: InMemorySpanExporter) -> None:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint, telemetry=True))) as client:
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-ID": "mine"}
        client.post("/v1/classify", json={"text": "The people fled. Voss fled."}, headers=headers)
    spans = by_name(exporter.get_finished_spans())
    assert set(spans) == {"POST /v1/classify", "queue", "label"}
    request, queue, label = (spans[name] for name in ("POST /v1/classify", "queue", "label"))
    assert {f"{span.context.trace_id:032x}" for span in spans.values() if span.context} == {TRACE}
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == PARENT
    for child in (queue, label):
        assert request.context is not None
        assert child.parent is not None
        assert child.parent.span_id == request.context.span_id
    assert queue.end_time == label.start_time
    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/classify",
        "http.response.status_code": 200,
        "frameline.request_id": "mine",
        "frameline.documents": 1,
        "frameline.sentences": 2,
    }
    assert request.resource.attributes["service.name"] == "frameline"


def test_no_query_stands_in_a_span(checkpoint: Path, exporter: InMemorySpanExporter) -> None:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint, telemetry=True))) as client:
        client.post("/v1/classify?secret=1", json={"text": "The people fled."})
    (refused,) = exporter.get_finished_spans()
    assert refused.attributes is not None
    assert refused.attributes["http.response.status_code"] == 422
    assert "secret" not in refused.to_json()


def test_the_environment_names_the_service(monkeypatch: pytest.MonkeyPatch, exporter: InMemorySpanExporter) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "desk")
    telemetry = Telemetry()
    assert telemetry._provider.resource.attributes["service.name"] == "desk"
    telemetry.close()


def test_nothing_is_traced_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, not_installed: None) -> None:
    assert type(make_tracing(ServiceSettings())) is Tracing
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    assert type(make_tracing(ServiceSettings(telemetry=False))) is Tracing


def test_an_endpoint_asks_for_it(monkeypatch: pytest.MonkeyPatch, exporter: InMemorySpanExporter) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    tracing = make_tracing(ServiceSettings())
    assert isinstance(tracing, Telemetry)
    tracing.close()


def test_an_endpoint_without_the_extra_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, not_installed: None, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    assert type(make_tracing(ServiceSettings())) is Tracing
    assert "frameline[telemetry]" in caplog.text


def test_asking_for_what_is_not_installed_is_an_error(not_installed: None) -> None:
    with pytest.raises(FramelineError, match=r"FRAMELINE_TELEMETRY.*frameline\[telemetry\]"):
        create_app(ServiceSettings(telemetry=True))


def test_another_protocol_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with pytest.raises(FramelineError, match="http/protobuf"):
        make_tracing(ServiceSettings(telemetry=True))
