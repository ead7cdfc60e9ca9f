"""How the command shows how far a run is: a bar for people, lines for files, JSON for programs."""

import json
import sys
import time
from types import TracebackType
from typing import Protocol, Self

import click
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from service.archive.progress import Progress

#: Seconds between two lines, where standard error is no terminal.
_EVERY = 30.0
_JSON = (
    "event",
    "documents",
    "documents_total",
    "sentences",
    "rejected",
    "saved",
    "shards",
    "shards_total",
    "share",
    "sentences_per_second",
    "seconds_left",
)


class Display(Protocol):
    """Shows progress from the begin of its block to its end."""

    def __call__(self, progress: Progress) -> None:
        """Show it."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...


def make_display(mode: str) -> Display:
    """The display of a mode: ``bar``, ``json`` or ``quiet``; a bar needs a terminal, else there are lines."""
    if mode == "json":
        return JsonDisplay()
    if mode == "quiet":
        return _Display()
    return BarDisplay() if sys.stderr.isatty() else LineDisplay()


class _Display:
    """Shows nothing."""

    def __call__(self, progress: Progress) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass


class JsonDisplay(_Display):
    """One JSON object a line."""

    def __call__(self, progress: Progress) -> None:
        """Print a line; none is printed while the run is still being planned."""
        if progress.event != "planning":
            content = {name: getattr(progress, name) for name in _JSON}
            if progress.message is not None:
                content["message"] = progress.message
            click.echo(json.dumps(content), err=True)


class LineDisplay(_Display):
    """A line when something begins, and then now and then."""

    def __init__(self) -> None:
        self._event: str | None = None
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        """Print a line, if something else begins or the last one was long enough ago."""
        now = time.monotonic()
        if progress.event == self._event and now - self._last < _EVERY:
            return
        self._event, self._last = progress.event, now
        lines = {
            "planning": f"Planning: {progress.message}",
            "planned": f"Scoring: {progress.share:.0%} of {progress.documents_total:,} documents are done",
            "progress": f"{progress.share:4.0%}  {describe(progress)} · {describe_left(progress)}",
        }
        if progress.event in lines:
            click.echo(lines[progress.event], err=True)


class BarDisplay(_Display):
    """A bar that moves, and the counts below it."""

    def __init__(self) -> None:
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            TextColumn("{task.fields[left]}"),
            expand=True,
        )
        self._task = self._bar.add_task("Planning", total=None, left="")
        self._counts = Text()
        self._live = Live(Group(self._bar, self._counts), console=Console(stderr=True), transient=True)

    def __call__(self, progress: Progress) -> None:
        """Move the bar."""
        if progress.event == "planning":
            self._counts.plain = f"  {progress.message}"
        else:
            left = describe_left(progress)
            self._bar.update(self._task, description="Scoring", total=1.0, completed=progress.share, left=left)
            self._counts.plain = f"  {describe(progress)}"

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()


def describe(progress: Progress) -> str:
    """Counts and speed, for people."""
    parts = [
        f"{progress.documents:,} documents ({progress.documents_per_second:,.0f}/s)",
        f"{progress.sentences:,} sentences ({progress.sentences_per_second:,.0f}/s)",
        f"{progress.rejected:,} set aside",
        f"{progress.saved:,} saved",
    ]
    return " · ".join(parts)


def describe_left(progress: Progress) -> str:
    """The time left, for people; empty while nobody knows."""
    return "" if progress.seconds_left is None else f"{describe_time(progress.seconds_left)} left"


def describe_time(seconds: float) -> str:
    """Hours, minutes and seconds, the larger two of them."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
