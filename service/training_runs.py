"""Training runs that the service starts in the background: one at a time, each in a folder of its own."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any, Literal

from pydantic import AwareDatetime

from model.atomic import write
from model.codebook import Schema
from model.errors import FramelineError
from service.logs import get_logger
from service.settings import ANNOTATIONS

try:
    import fcntl
except ImportError:  # Windows has no locks that a child inherits, and so no training runs
    fcntl = None  # type: ignore[assignment]

STATE = "state.json"
_LOCK = "training.lock"
#: Seconds that a command gets to stop by itself when the service stops.
_PATIENCE = 10
_logger = get_logger("training")


class TrainingRun(Schema):
    """One run of the command; the paths are those of the folder's files."""

    number: int
    state: Literal["running", "succeeded", "failed", "stopped"]
    started: AwareDatetime
    ended: AwareDatetime | None = None
    exit_code: int | None = None
    annotations: str
    log: str


class TrainingRuns:
    """Starts a command with a file of annotations and notes how it went.

    The command itself holds the lock, so that nothing starts beside one that outlived its service either.

    Args:
        folder: has ``state.json`` and a folder a run, with what it was given and its log.
        command: the words of the command; ``{annotations}`` stands for the path of the annotations.
        on_end: called in a thread of its own when a run has ended by itself.

    Raises:
        FramelineError: the system cannot do it.
    """

    def __init__(self, folder: Path, command: Sequence[str], on_end: Callable[[], None]) -> None:
        if fcntl is None:
            raise FramelineError("FRAMELINE_LABEL_STUDIO_COMMAND: training runs can be started on POSIX systems only")
        self._folder = folder.resolve()
        self._command = list(command)
        self._on_end = on_end
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: Thread | None = None
        self._closing = False

    @property
    def last(self) -> TrainingRun | None:
        """The run that is going on, or the last one; None before the first."""
        try:
            run = TrainingRun.model_validate_json((self._folder / STATE).read_bytes())
        except FileNotFoundError:
            return None
        if run.state != "running" or self._process is not None:
            return run
        lock = self._take_lock()
        if lock is None:
            return run
        os.close(lock)
        return run.model_copy(update={"state": "stopped"})

    def start(self, read: Callable[[], Sequence[dict[str, Any]]]) -> bool:
        """Start a run on tasks in Label Studio's form, unless one is going on; whether it has begun."""
        if self._closing or self._process is not None:
            return False
        lock = self._take_lock()
        if lock is None:
            return False
        try:
            tasks = read()
            if not tasks:
                return False
            last = self.last_number()
            folder = self._folder / f"run-{last + 1:04}"
            folder.mkdir(mode=0o700)
            annotations, log = folder / "annotations.json", folder / "log.txt"
            annotations.write_text(json.dumps(tasks, indent=1) + "\n", encoding="utf-8")
            run = TrainingRun(
                number=last + 1, state="running", started=_now(), annotations=str(annotations), log=str(log)
            )
            words = [word.replace(ANNOTATIONS, str(annotations)) for word in self._command]
            self._run(run, words, lock)
        finally:
            os.close(lock)
        return True

    def last_number(self) -> int:
        """The number of the last run, 0 before the first."""
        return max((int(path.name[4:]) for path in self._folder.glob("run-[0-9]*")), default=0)

    def close(self) -> None:
        """Stop the command that is running, with everything that it started."""
        self._closing = True
        if self._process is None or self._thread is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            self._thread.join(_PATIENCE)
            if not self._thread.is_alive():
                return

    def _take_lock(self) -> int | None:
        """The descriptor that holds the lock; None where another holds it."""
        descriptor = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def _run(self, run: TrainingRun, words: Sequence[str], lock: int) -> None:
        with Path(run.log).open("wb") as log:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - whoever runs the service set the command
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=(lock,),
                )
            except OSError as error:
                log.write(f"{words[0]}: {error.strerror}\n".encode())
                self._note(run.model_copy(update={"state": "failed", "ended": _now()}))
                return
        self._note(run)
        self._thread = Thread(target=self._wait, args=(run, self._process), name="training", daemon=True)
        self._thread.start()

    def _wait(self, run: TrainingRun, process: "subprocess.Popen[bytes]") -> None:
        code = process.wait()
        state = "stopped" if self._closing else "failed" if code else "succeeded"
        self._note(run.model_copy(update={"state": state, "ended": _now(), "exit_code": code}))
        self._process = None
        if not self._closing:
            self._on_end()

    def _note(self, run: TrainingRun) -> None:
        """Write the state, as a whole or not at all."""
        write(self._folder / STATE, run.model_dump_json(indent=1).encode() + b"\n")
        _logger.info("training", run=run.number, state=run.state, exit_code=run.exit_code)


def _now() -> datetime:
    return datetime.now(UTC)
