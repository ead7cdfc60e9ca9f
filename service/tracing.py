"""Whether the service's work is traced, and by whom."""

from collections.abc import Iterable

from model.errors import FramelineError
from service.logs import get_logger
from service.passage import Passage
from service.record import Record
from service.settings import ServiceSettings, read_otlp

_logger = get_logger("tracing")
_INSTALL = "pip install 'frameline[telemetry]'"


class Tracing:
    """Traces nothing; `service.telemetry.Telemetry` does."""

    def begin(self, record: Record, method: str, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """A request came."""

    def end(self, record: Record, method: str, route: str, status: int) -> None:
        """A request was answered."""

    def passed(self, record: Record, passage: Passage) -> None:
        """A request's sentences went through the queue."""

    def close(self) -> None:
        """Send what has not been sent."""


def make_tracing(settings: ServiceSettings) -> Tracing:
    """What traces a service: OpenTelemetry where it is asked for, by FRAMELINE_TELEMETRY or by an OTLP endpoint.

    Raises:
        FramelineError: FRAMELINE_TELEMETRY asks for what is not installed.
    """
    if settings.telemetry is False or (settings.telemetry is None and not read_otlp("ENDPOINT")):
        return Tracing()
    try:
        from service.telemetry import Telemetry
    except ModuleNotFoundError as error:
        if settings.telemetry is None:
            _logger.warning(f"an OTLP endpoint is set, but nothing is traced: {_INSTALL}")
            return Tracing()
        message = f"FRAMELINE_TELEMETRY is on, but the package {error.name!r} is not installed: {_INSTALL}"
        raise FramelineError(message) from None
    protocol = read_otlp("PROTOCOL")
    if protocol not in ("", "http/protobuf"):
        raise FramelineError(f"OTEL_EXPORTER_OTLP_PROTOCOL: {protocol!r} is not spoken; http/protobuf is")
    return Telemetry()
