"""What is noted of a request while it is answered: for its log line, its metrics and its spans."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

HEADER = b"x-request-id"
_SANE = re.compile(rb"[A-Za-z0-9._-]{1,128}")


@dataclass(slots=True)
class Record:
    """One request; whoever does a part of its work adds to it.

    ``reason`` says why it was refused, where its status alone does not; ``trace_id`` names its trace and ``span`` is
    its part of it, if it has one.
    """

    request_id: str = ""
    trace_id: str = ""
    documents: int = 0
    sentences: int = 0
    queue_seconds: float = 0.0
    reason: str = ""
    status: int = 0
    complete: bool = False
    hung_up: bool = False
    span: Any = None


_CURRENT: ContextVar[Record | None] = ContextVar("frameline_request", default=None)


def current() -> Record:
    """The record of the request that is being answered; outside any, one that nobody reads."""
    return _CURRENT.get() or Record()


@contextmanager
def recording(record: Record) -> Iterator[None]:
    """Make ``record`` the current one, also for the tasks that start meanwhile."""
    token = _CURRENT.set(record)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def choose_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The request's id: the client's where it is a sane one, else a new one."""
    for name, value in headers:
        if name == HEADER and _SANE.fullmatch(value):
            return value.decode("ascii")
    return uuid4().hex
