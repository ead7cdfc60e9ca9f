"""A server as a real process."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.serving.client import HOST

ROOT = Path(__file__).parent.parent.parent
#: Seconds until a server must be ready, and until it must have stopped.
_START, _STOP = 180.0, 60.0


class Server:
    """A server on a free port; as a context it is ready inside and gone afterwards.

    Args:
        command: starts it, with ``{port}`` where the port goes.
        ready: the path that is answered 200 when it is ready.
        environment: variables besides those of this process.
    """

    def __init__(self, command: Sequence[str], ready: str, environment: Mapping[str, str] | None = None) -> None:
        self.port = _free_port()
        self._ready = ready
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [part.format(port=self.port) for part in command],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _wait(self) -> None:
        deadline = time.monotonic() + _START
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not get ready; it said:\n{self.log()}")
            time.sleep(0.1)

    def is_ready(self) -> bool:
        """Whether it says so."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.port}{self._ready}", timeout=30) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def log(self) -> str:
        """The end of what it has printed."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - 4_000))
        return self._log.read().decode(errors="replace")

    def resident(self) -> float:
        """Resident memory of the process and all that it started, in MB."""
        return sum(map(_resident, _family(self.process.pid))) / 1024

    def stop(self) -> None:
        """Ask it to stop, and kill what is left of it."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_STOP)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


def _family(process: int) -> list[int]:
    """A process and its descendants, from Linux's /proc."""
    children: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += map(int, task.read_text().split())
    return [process, *(member for child in children for member in _family(child))]


def _resident(process: int) -> int:
    """Resident memory in KiB; 0 for a process that has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0
