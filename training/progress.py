"""How far long work is: a bar on standard error, or a line now and then where that is no terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

#: Seconds between two lines.
_EVERY = 30.0


class Steps:
    """The steps of some work, from the begin of its block to its end, at which the bar goes away.

    Args:
        words: what the work is.
        total: how many steps it has.
        done: how many were done before.
    """

    def __init__(self, words: str, total: int, done: int = 0) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
        )
        self._is_bar = sys.stderr.isatty()
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True, disable=not self._is_bar)
        self._task = self._bar.add_task(words, total=total, completed=done, note="")
        self._words = words
        self._total = total
        self._first = self._done = done
        self._begin = self._last = time.monotonic()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bar.stop()

    def advance(self, steps: int = 1) -> None:
        """Show that further steps are done."""
        self.show(self._words, self._done + steps)

    def show(self, words: str, done: int, note: str = "") -> None:
        """Show what the work is, how many steps are done, and something more."""
        self._words, self._done = words, done
        self._bar.update(self._task, description=words, completed=done, note=note)
        now = time.monotonic()
        if not self._is_bar and now - self._last >= _EVERY:
            self._last = now
            parts = [f"{words}: {done:,} of {self._total:,}", note, self._left(now)]
            click.echo(", ".join(filter(None, parts)), err=True)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take the bar away while something else is written."""
        self._bar.stop()
        yield
        self._bar.start()

    def _left(self, now: float) -> str:
        """The time left, empty while nobody knows."""
        if self._done == self._first:
            return ""
        seconds = (self._total - self._done) * (now - self._begin) / (self._done - self._first)
        return f"{timedelta(seconds=round(seconds))} left"
