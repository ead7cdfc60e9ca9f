"""What every request has, whatever answers it: an id, a log line, its place in the metrics, and a span."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.logs import get_logger
from service.metrics import Metrics
from service.problems import HUNG_UP, failed
from service.record import HEADER, Record, choose_id, recording
from service.tracing import Tracing

#: What stands for every path that is none of the service's, so that nobody can fill the metrics with paths.
UNKNOWN = "unknown"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_logger = get_logger("access")


class Observation:
    """ASGI middleware around everything else, the answers to unexpected exceptions included.

    Args:
        app: what answers.
        metrics: counts the answers.
        tracing: has a span for each.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        record = Record(choose_id(scope["headers"]))
        scope.setdefault("state", {})
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._tracing.begin(record, method, scope["headers"])
        with recording(record):
            try:
                await self._answer(scope, record, _receiving(record, receive), _sending(record, send))
            finally:
                self._note(scope, record, method, perf_counter() - began)

    async def _answer(self, scope: Scope, record: Record, receive: Receive, send: Send) -> None:
        """Let the app answer; an exception that it lets through ends here."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            _logger.error("request failed", route=_route(scope), exc_info=error)
            if not record.status:
                await failed().response()(scope, receive, send)

    def _note(self, scope: Scope, record: Record, method: str, seconds: float) -> None:
        """Write the log line, count the answer, end the span."""
        route = _route(scope)
        status = HUNG_UP if record.hung_up else record.status or 500
        self._metrics.answered(route, method, status, seconds, record.reason)
        self._tracing.end(record, method, route, status)
        further = {"reason": record.reason} if record.reason else {}
        _logger.info(
            "request",
            method=method,
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 2),
            queue_ms=round(record.queue_seconds * 1000, 2),
            documents=record.documents,
            sentences=record.sentences,
            key=_key_id(scope["state"].get("key")),
            **further,
        )


def _receiving(record: Record, receive: Receive) -> Receive:
    """``receive`` that notes whether the client hung up before it had the whole answer."""

    async def receiving() -> Message:
        message = await receive()
        if message["type"] == "http.disconnect" and not record.complete:
            record.hung_up = True
        return message

    return receiving


def _sending(record: Record, send: Send) -> Send:
    """``send`` that adds the request's id to the answer and notes its status and its end."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            record.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (HEADER, record.request_id.encode())]
        elif not message.get("more_body", False):
            record.complete = True
        await send(message)

    return sending


def _route(scope: Scope) -> str:
    """The template of the route that was taken, never the path, which may hold anything."""
    route = scope.get("route")
    if route is None and "endpoint" in scope:
        route = next((one for one in scope["app"].routes if _leads_to(one, scope["endpoint"])), None)
    if route is None and "app" in scope and scope["path"] in scope["app"].openapi()["paths"]:
        return str(scope["path"])  # as where a request was refused before it was routed
    return getattr(route, "path", UNKNOWN)


def _leads_to(route: object, endpoint: object) -> bool:
    return isinstance(route, Route) and route.endpoint is endpoint


def _key_id(key: Any) -> str | None:
    """The id of the API key that was used, which names the key and does not give it away."""
    identity = key.get("id") if isinstance(key, Mapping) else getattr(key, "id", None)
    return None if identity is None else str(identity)
