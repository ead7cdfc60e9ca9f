"""Runs the jobs that wait, a few at a time, each in a process of its own."""

import asyncio
import json
import sqlite3
import time
from asyncio import Task
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import Context
from functools import partial
from pathlib import Path

from service.archive.manifest import MANIFEST
from service.archive.plan import PLAN
from service.jobs.entry import Entry
from service.jobs.job import JobProgress, Status
from service.jobs.ledger import Ledger
from service.jobs.process import Ending, ScoreProcess
from service.jobs.space import INPUT, OUT, Space
from service.logs import get_logger

#: Exit codes of ``frameline score``.
_DONE, _STOPPED, _WRONG, _SET_ASIDE, _INTERRUPTED = 0, 1, 2, 3, 130
#: How often a job is started before it is given up, where its process is killed.
_ATTEMPTS = 4
#: Seconds between two looks at how much room the jobs take.
_LOOK = 5.0
_logger = get_logger("jobs")

Arguments = Callable[[Entry], Sequence[str]]


class Runner:
    """Takes jobs from the ledger, the oldest first, and sees to it that each ends.

    Args:
        ledger: the jobs.
        space: their folders.
        arguments: those of ``frameline`` for a job, which works in its input folder.
        slots: jobs that run at a time.
        room: bytes that all jobs may take on the disk.
    """

    def __init__(self, ledger: Ledger, space: Space, arguments: Arguments, slots: int, room: int) -> None:
        self._ledger = ledger
        self._space = space
        self._arguments = arguments
        self._room = room
        self._slots = asyncio.Semaphore(slots)
        self._woken = asyncio.Event()
        self._running: dict[str, ScoreProcess] = {}
        self._progress: dict[str, JobProgress] = {}
        self._tasks: set[Task[None]] = set()
        self._closing = False
        self._dispatcher = asyncio.create_task(self._dispatch(), context=Context())  # of no request

    def wake(self) -> None:
        """Say that a job waits."""
        self._woken.set()

    def progress(self, identity: str) -> JobProgress | None:
        """How far a job is that runs."""
        return self._progress.get(identity)

    async def cancel(self, identity: str) -> bool:
        """End a job that waits or runs, and remove all of it; False where it had ended before."""
        progress = self._progress.get(identity)
        ended = await asyncio.to_thread(self._ledger.end, identity, Status.CANCELLED, progress)
        process = self._running.get(identity)
        if process is not None:  # also where somebody else has cancelled the job, and is not done yet
            await process.stop()
        if not ended:
            return False
        await asyncio.to_thread(self._space.clear, identity)
        _logger.info("job ended", job=identity, job_status=Status.CANCELLED.value)
        return True

    async def close(self) -> None:
        """Stop what runs, so that it goes on when the service starts again."""
        self._closing = True
        self._dispatcher.cancel()
        await asyncio.gather(*(process.stop() for process in self._running.values()))
        await asyncio.gather(self._dispatcher, *self._tasks, return_exceptions=True)
        with suppress(sqlite3.Error):  # as on a full disk; what opens the folder next puts them back, too
            await asyncio.to_thread(partial(self._ledger.put_back, calm=True))

    async def _dispatch(self) -> None:
        while True:
            await self._slots.acquire()
            task = asyncio.create_task(self._run(await self._take()))
            self._tasks.add(task)
            task.add_done_callback(self._finish)

    async def _take(self) -> Entry:
        """The job that waits longest, as soon as there is one."""
        while True:
            self._woken.clear()
            try:
                entry = await asyncio.to_thread(self._ledger.take)
            except sqlite3.Error as error:  # as on a full disk, which somebody may tidy up
                _logger.error("no job can be started", exc_info=error)
                await asyncio.sleep(_LOOK)
                continue
            if entry is not None:
                return entry
            await self._woken.wait()

    def _finish(self, task: Task[None]) -> None:
        self._tasks.discard(task)
        self._slots.release()
        self.wake()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _logger.error("job is stuck until the service starts again", exc_info=error)

    async def _run(self, entry: Entry) -> None:
        """Run a job, and note what came of it, also where that could not be done."""
        try:
            await self._do(entry)
        except Exception as error:  # as where there is no room for a folder, or the system starts no further process
            _logger.error("job cannot be run", job=entry.id, exc_info=error)
            message = "the service could not run it; its log has the reason"
            if await asyncio.to_thread(self._ledger.end, entry.id, Status.FAILED, None, message):
                await asyncio.to_thread(self._space.clear_work, entry.id)

    async def _do(self, entry: Entry) -> None:
        began = time.monotonic()
        _logger.info("job started", job=entry.id, key=entry.owner or None, attempt=entry.attempts)
        folder = self._space.folder(entry.id) / INPUT
        await asyncio.to_thread(partial(folder.mkdir, parents=True, exist_ok=True))
        if self._closing:
            return
        note = partial(self._progress.__setitem__, entry.id)
        self._running[entry.id] = process = ScoreProcess(self._arguments(entry), folder, note)
        try:
            if not await asyncio.to_thread(self._ledger.runs, entry.id):  # it was cancelled before it could be stopped
                await process.stop()
                await asyncio.to_thread(self._space.clear, entry.id)
                return
            ending = await self._attend(process)
            if not self._closing:
                await self._end(entry, ending, time.monotonic() - began)
        except Exception:
            await process.stop()
            raise
        finally:
            self._running.pop(entry.id)
            self._progress.pop(entry.id, None)

    async def _attend(self, process: ScoreProcess) -> Ending:
        """Wait until a process has ended, or stop it because it takes too much room."""
        while (ending := await process.wait(_LOOK)) is None:
            if await asyncio.to_thread(self._space.size) > self._room:
                await process.stop()
                return Ending(_STOPPED, "there is no more room for the tables of jobs")
        return ending

    async def _end(self, entry: Entry, ending: Ending, seconds: float) -> None:
        progress = self._progress.get(entry.id)
        if await self._again(entry, ending):
            if await asyncio.to_thread(self._ledger.put_back, entry.id):
                _logger.warning("job starts again", job=entry.id, code=ending.code)
            return
        complete = ending.code in (_DONE, _SET_ASIDE) and self._space.has_tables(entry.id)
        done = _count(self._space.out(entry.id), progress) if complete else progress or JobProgress()
        status = Status.FINISHED if ending.code == _DONE and complete else Status.FAILED
        message = "" if status is Status.FINISHED else _explain(ending, done)
        if await asyncio.to_thread(self._ledger.end, entry.id, status, done, message):
            await asyncio.to_thread(self._space.clear_work, entry.id)
            counts = {"documents": done.documents, "sentences": done.sentences, "rejected": done.rejected}
            how = {"job_status": status.value, "code": ending.code, "seconds": round(seconds, 1)}
            _logger.info("job ended", job=entry.id, **how, **counts)

    async def _again(self, entry: Entry, ending: Ending) -> bool:
        """Whether a job is to be started again: its process was killed, or its model changed on the way."""
        if entry.attempts >= _ATTEMPTS:
            return False
        if ending.code == _WRONG and entry.attempts > 1 and (self._space.folder(entry.id) / OUT / PLAN).is_file():
            await asyncio.to_thread(self._space.clear_out, entry.id)
            return True
        return ending.code < 0 or ending.code == _INTERRUPTED


def _count(folder: Path, progress: JobProgress | None) -> JobProgress:
    """How a job ended that has its tables; a run that had finished before says nothing on the way."""
    counts = json.loads((folder / MANIFEST).read_bytes())["counts"]
    rejected = sum(counts["rejected"].values())
    known = {
        "documents": counts["documents"],
        "documents_total": max(counts["documents"] + rejected, 0 if progress is None else progress.documents_total),
        "sentences": counts["sentences"],
        "rejected": rejected,
        "saved": counts["saved"],
        "share": 1.0,
        "seconds_left": 0.0,
    }
    return (progress or JobProgress()).model_copy(update=known)


def _explain(ending: Ending, progress: JobProgress) -> str:
    if ending.code == _SET_ASIDE and not progress.documents:
        return f"nothing was labelled: {progress.rejected} set aside; the tables are there, `rejected` says why"
    if ending.code == _SET_ASIDE:
        return f"{progress.rejected} set aside, and strict was asked for; the tables are there, `rejected` says why"
    if ending.code == _STOPPED and ending.message:  # the rest is for those who can give the command again
        return f"{ending.message.partition('. What is finished')[0]}; send the job again when that is mended"
    if ending.message:
        return ending.message
    how = f"was killed by signal {-ending.code}" if ending.code < 0 else f"ended with exit code {ending.code}"
    return f"the process of the job {how}"
