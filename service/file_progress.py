"""How far the labelling of a file has come, as a bar on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from model.prediction import Sentence


class FileProgress:
    """The bar; it is there between entry and exit.

    Args:
        stream: the open file.
        file: its path.
        form: ``text`` or ``jsonl``.
        transient: whether the bar goes away at the end.
    """

    def __init__(self, stream: BinaryIO, file: Path, form: str, *, transient: bool) -> None:
        self._stream = stream
        self._form = form
        self._done = 0
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[sentences]} sentences"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=transient,
        )
        self._task = self._bar.add_task(file.name, total=file.stat().st_size, sentences=0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def advance(self, sentence: Sentence) -> None:
        """Show that a sentence is done."""
        self._done += 1
        completed = self._stream.tell() if self._form == "jsonl" else sentence.end
        self._bar.update(self._task, completed=completed, sentences=self._done)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take the bar away while something else is written on the same terminal; only where it is transient."""
        self._bar.stop()
        yield
        self._bar.start()
