"""A process of its own that labels sentences, so that the interpreter which answers requests is free to do so."""

import multiprocessing
import signal
import traceback
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from model.codebook import Codebook
from model.errors import CheckpointError, FramelineError
from model.labeller import Labelled, Labeller
from model.unlabelled import Unlabelled
from service.logs import get_logger
from service.parcel import Parcel, pack

_CONTEXT = multiprocessing.get_context("spawn")
#: Seconds that a process gets to end once nobody asks it any more.
_PATIENCE = 5.0
_logger = get_logger("workers")


class WorkerError(Exception):
    """A worker could not label sentences; where it failed, and nothing of what they say."""


class Worker:
    """The process, seen from the one that asks it; one thread at a time may.

    A worker that dies is started again, and asked once more.

    Args:
        checkpoint: the checkpoint's folder.
        codebook: a codebook with further actors, or None for the checkpoint's own.
    """

    def __init__(self, checkpoint: Path, codebook: Codebook | None) -> None:
        self._arguments = (checkpoint, codebook)
        self._connection, self._process = self._start()

    def wait_ready(self) -> None:
        """Wait until it has loaded the model.

        Raises:
            CheckpointError: it could not.
        """
        try:
            fault = self._connection.recv()
        except (EOFError, OSError):
            fault = f"{self._arguments[0]}: the process that was to load it died"
        if fault is not None:
            raise CheckpointError(fault)

    def label(self, sentences: Sequence[Unlabelled]) -> tuple[list[Parcel], int]:
        """The labels of sentences, packed, and the tokens that the network read for them.

        Raises:
            WorkerError: labelling failed, or the worker died twice.
        """
        asked = [sentence.alone() for sentence in sentences]
        try:
            reply = self._ask(asked)
        except (EOFError, OSError):
            _logger.error("worker lost", pid=self._process.pid, exitcode=self._process.exitcode)
            try:
                self._restart()
                reply = self._ask(asked)
            except (EOFError, OSError, CheckpointError) as error:
                raise WorkerError(f"a worker was lost twice ({type(error).__name__})") from None
        if isinstance(reply, str):
            raise WorkerError(reply)
        return reply

    def hang_up(self) -> None:
        """Let the process end, without waiting for it."""
        with suppress(OSError):
            self._connection.close()

    def close(self) -> None:
        """End the process when it has answered."""
        self.hang_up()
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()

    def _ask(self, sentences: list[Unlabelled]) -> tuple[list[Parcel], int] | str:
        self._connection.send(sentences)
        reply: tuple[list[Parcel], int] | str = self._connection.recv()
        return reply

    def _restart(self) -> None:
        self.close()
        self._connection, self._process = self._start()
        self.wait_ready()

    def _start(self) -> tuple[Connection, multiprocessing.process.BaseProcess]:
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=_work, args=(theirs, *self._arguments), name="frameline-worker", daemon=True)
        process.start()
        theirs.close()
        return ours, process


def _work(connection: Connection, checkpoint: Path, codebook: Codebook | None) -> None:
    """Label what comes until nobody is there to ask any more."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the service answers what it took, and then hangs up
        signal.signal(number, signal.SIG_IGN)
    try:
        labeller = Labeller.from_checkpoint(checkpoint, codebook, threads=1)
    except FramelineError as error:
        connection.send(str(error))
        return
    connection.send(None)
    with suppress(EOFError, OSError):
        while True:
            connection.send(_label(labeller, connection.recv()))


def _label(labeller: Labeller, sentences: list[Unlabelled]) -> tuple[list[Parcel], int] | str:
    try:
        labelled: Labelled = labeller.label_counted(sentences)
    except Exception as error:  # the service goes on, and tells whoever asked
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
    return [pack(sentence) for sentence in labelled.sentences], labelled.tokens
