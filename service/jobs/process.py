"""The process of a job, seen from the service."""

import asyncio
import json
import os
import subprocess
import sys
from asyncio import Future
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

from service.jobs.job import JobProgress

#: What Python runs.
PROGRAM = ("-P", "-m", "service.jobs.child")
#: Seconds after which a process that was asked to stop is killed.
_PATIENCE = 5.0
_MESSAGE_CHARACTERS = 2_000


class Ending(NamedTuple):
    """How a process ended: its exit code, negative for a signal, and what it said of a failure."""

    code: int
    message: str


class ScoreProcess:
    """Runs ``frameline score`` in a folder; made and used in an event loop.

    Args:
        arguments: of ``frameline``.
        folder: where it works.
        on_progress: is told, in the event loop, how far it is.
    """

    def __init__(self, arguments: Sequence[str], folder: Path, on_progress: Callable[[JobProgress], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended: Future[Ending] = self._loop.create_future()
        self._on_progress = on_progress
        self._message = ""
        self._process = subprocess.Popen(  # noqa: S603 - a constant
            [sys.executable, *PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},
        )
        self._thread = Thread(target=self._attend, args=(json.dumps(list(arguments)).encode() + b"\n",), daemon=True)
        self._thread.start()

    async def wait(self, seconds: float | None = None) -> Ending | None:
        """How it ended; None if it has not within so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await asyncio.shield(self._ended)
        return None

    async def stop(self) -> None:
        """Ask it to stop, wait until it has, and kill it if it does not."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        if await self.wait(_PATIENCE) is None:
            self._process.kill()
            await self.wait()

    def _attend(self, line: bytes) -> None:
        """In a thread of its own: start it, listen to it, see it end."""
        if self._process.stdin is not None and self._process.stderr is not None:
            with suppress(OSError, ValueError):  # it is gone, or was stopped before it began
                self._process.stdin.write(line)
                self._process.stdin.flush()
            with self._process.stderr as said:
                for each in said:
                    self._hear(each)
            code = self._process.wait()
            with suppress(OSError, ValueError):
                self._process.stdin.close()
            self._tell(self._end, Ending(code, self._message))

    def _hear(self, line: bytes) -> None:
        """Take note of an event; whatever else is said may quote a text, and is dropped."""
        try:
            event = json.loads(line)
            progress = JobProgress.model_validate({name: value for name, value in event.items() if name != "event"})
        except (ValueError, AttributeError):
            return
        if event.get("event") == "failed":
            self._message = str(event.get("message", ""))[:_MESSAGE_CHARACTERS]
        self._tell(self._on_progress, progress)

    def _tell(self, told: Callable[..., None], *arguments: Any) -> None:
        with suppress(RuntimeError):  # the event loop is closed
            self._loop.call_soon_threadsafe(told, *arguments)

    def _end(self, ending: Ending) -> None:
        if not self._ended.done():
            self._ended.set_result(ending)
