"""Where a process's log lines go and how they look.

The messages of other libraries are withheld, since they may quote anything; their place in the code is written.
"""

import asyncio
import logging
import sys
import threading
import warnings
from typing import Any, Literal, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter

from service.logs import Event, add_ids, get_logger, without_message
from service.stack import place

Form = Literal["console", "json"]
Level = Literal["debug", "info", "warning", "error"]
#: Loggers whose messages hold nothing that a client sent.
_TRUSTED = ("frameline", "uvicorn.error", "opentelemetry.sdk", "opentelemetry.exporter")
_logger = get_logger("process")


def configure_logging(form: Form | None = None, level: Level = "info") -> None:
    """Write this process's logs, those of the server and of Python's own warnings too, to standard error.

    Args:
        form: how; by default ``console`` on a terminal, else ``json``.
        level: the least that Frameline and the server write; other libraries write warnings and worse.
    """
    root = logging.getLogger()
    root.handlers = [logging.StreamHandler()]
    root.handlers[0].setFormatter(_formatter(form, sys.stderr.isatty()))
    number = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(number, logging.WARNING))
    for name in ("frameline", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(number)
    threading.excepthook = _log_thread
    sys.unraisablehook = _log_unraisable
    warnings.showwarning = _log_warning


def log_forgotten(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An event loop's handler of exceptions that nobody waits for; Python's own would print them."""
    _logger.error("exception that nobody waits for", exc_info=context.get("exception"))


def withhold(_logger: Any, _name: str, event: Event) -> Event:
    """Keep only the place of a message that may hold anything."""
    record: logging.LogRecord = event["_record"]
    if any(record.name == name or record.name.startswith(f"{name}.") for name in _TRUSTED):
        event["event"] = event["event"].strip()
    else:
        event["event"] = "message withheld"
        event["place"] = place(record.pathname, record.lineno)
    return event


def _formatter(form: Form | None, terminal: bool) -> ProcessorFormatter:
    renderer: structlog.typing.Processor
    if form == "json" or (form is None and not terminal):
        renderer = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=terminal)
    return ProcessorFormatter(
        foreign_pre_chain=[withhold, add_ids, without_message],
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            ProcessorFormatter.remove_processors_meta,
            renderer,
        ],
    )


def _log_thread(failure: threading.ExceptHookArgs) -> None:
    _logger.error("thread failed", exc_info=failure.exc_value)


def _log_unraisable(failure: "sys.UnraisableHookArgs") -> None:
    _logger.error("exception ignored", exc_info=failure.exc_value)


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    _logger.warning("warning", kind=category.__name__, place=place(filename, lineno))
