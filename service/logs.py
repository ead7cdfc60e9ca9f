"""Loggers of the service: what they write holds no text and no key.

An exception is logged by its type and its frames (`service.stack`), since its message may quote what a client sent.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter

from service.record import current
from service.stack import describe_exception

Event = MutableMapping[str, Any]


def add_ids(_logger: Any, _name: str, event: Event) -> Event:
    """Name the request that an event belongs to."""
    record = current()
    if record.request_id:
        event["request_id"] = record.request_id
    if record.trace_id:
        event["trace_id"] = record.trace_id
    return event


def without_message(_logger: Any, _name: str, event: Event) -> Event:
    """Put types and frames in the place of the exception."""
    event.pop("stack_info", None)
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = describe_exception(error)
    return event


def _hand_over(logger: Any, name: str, event: Event) -> tuple[tuple[Event], dict[str, Any]]:
    """To the logging module, which is not to write the exception by itself."""
    arguments, named = ProcessorFormatter.wrap_for_formatter(logger, name, event)
    return arguments, {**named, "exc_info": False}


def get_logger(name: str) -> BoundLogger:
    """The logger ``frameline.<name>``."""
    logger: BoundLogger = structlog.wrap_logger(
        logging.getLogger(f"frameline.{name}"),
        processors=[
            structlog.stdlib.filter_by_level,
            add_ids,
            without_message,
            _hand_over,
        ],
        wrapper_class=BoundLogger,
        context_class=dict,
        cache_logger_on_first_use=True,
    )
    return logger
