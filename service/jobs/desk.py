"""Where jobs are taken, looked up and removed."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from pathlib import Path
from threading import Lock
from uuid import uuid4

from filelock import FileLock, Timeout
from pydantic import ValidationError
from starlette.requests import Request

from model.atomic import write_through
from model.checkpoint import CODEBOOK
from model.codebook import Codebook
from model.errors import FramelineError
from service.jobs.bounds import Bounds, Room, full, writing
from service.jobs.entry import LIVE, Entry, Task
from service.jobs.job import Job, JobOptions, JobRequest, Status, UploadOptions
from service.jobs.ledger import Ledger, LedgerVersionError
from service.jobs.roots import Roots
from service.jobs.runner import Runner
from service.jobs.space import OUT, Space
from service.jobs.upload import FORM, receive_file, receive_form
from service.labelling import unavailable
from service.logs import get_logger
from service.model_in_service import FindModel
from service.problems import ProblemError, fault, faults_of, invalid
from service.settings import ServiceSettings

#: The statuses of jobs that may have tables.
_WITH_TABLES = (Status.FINISHED, Status.FAILED)
LEDGER, _LOCK = "jobs.sqlite", "lock"
#: Seconds between two looks for results that have expired, and in a day.
_EVERY, _DAY = 60.0, 86_400.0
#: Seconds after which to try again where too many jobs wait.
_RETRY = 60
_logger = get_logger("jobs")


class Desk:
    """The jobs of a folder, which no other service has meanwhile; opened in an event loop.

    Args:
        settings: the folder and the bounds.
        lock: held on the folder.
        find_model: says by which model a job is labelled that comes.
    """

    def __init__(self, settings: ServiceSettings, lock: FileLock, find_model: FindModel) -> None:
        self._settings = settings
        self._lock = lock
        self._find_model = find_model
        self._roots = Roots(settings.jobs_roots)
        self._ledger = Ledger(settings.jobs_folder / LEDGER)
        self._space = Space(settings.jobs_folder)
        self._filing = Lock()
        self._ledger.put_back()
        self._sweep()
        self._space.clear_incoming()
        self._receiving = 0
        self._room = Room(settings.jobs_disk_bytes)
        self._runner = Runner(
            self._ledger, self._space, self._arguments, settings.jobs_at_a_time, settings.jobs_disk_bytes
        )
        self._sweeper = asyncio.create_task(self._keep_sweeping(), context=Context())
        self.stopping = False

    @classmethod
    def open(cls, settings: ServiceSettings, find_model: FindModel) -> "Desk":
        """Open the folder, and let go on what was interrupted.

        Raises:
            ProblemError: 503 if another service has it, or it cannot be used.
        """
        folder = settings.jobs_folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(folder / _LOCK)
            lock.acquire(timeout=0)
        except Timeout:
            raise unavailable(
                "another service has the folder of jobs; let FRAMELINE_JOBS_FOLDER differ", _RETRY
            ) from None
        except OSError as error:
            raise _unusable(error) from None
        try:
            return cls(settings, lock, find_model)
        except (OSError, sqlite3.Error) as error:
            lock.release()
            raise _unusable(error) from None
        except LedgerVersionError:
            lock.release()
            reason = "another version of Frameline wrote the folder of jobs; let FRAMELINE_JOBS_FOLDER name a new one"
            raise unavailable(reason, _RETRY) from None
        except BaseException:
            lock.release()
            raise

    async def close(self) -> None:
        """Stop what runs, to go on when the folder is opened again."""
        self.stopping = True
        self._sweeper.cancel()
        await self._runner.close()
        self._ledger.close()
        self._lock.release()

    def counts(self) -> dict[Status, int]:
        """How many jobs there are of each status."""
        return self._ledger.counts()

    async def upload(self, request: Request, owner: str, asked: UploadOptions) -> Job:
        """Take a job whose file is the body of a request, or in it.

        Raises:
            ProblemError: it cannot be taken.
        """
        self._check_waiting()
        identity = uuid4().hex
        is_form = request.headers.get("content-type", "").lower().startswith(FORM)
        with self._receive(identity):
            folder = await asyncio.to_thread(self._space.receive, identity)
            bounds = await self._bounds()
            if is_form:
                received = await receive_form(request, asked.name, folder, bounds)
            else:
                received = await receive_file(request, asked.name, folder, bounds)
            options = _options(asked, received.fields)
            task = await self._task(folder, received.name, (received.name,), options)
            return await self._add(identity, owner, task)

    async def read(self, owner: str, asked: JobRequest) -> Job:
        """Take a job that reads files by itself.

        Raises:
            ProblemError: it cannot be taken.
        """
        self._check_waiting()
        found = await asyncio.to_thread(self._roots.find, asked.input)
        name = ", ".join(asked.input[:3]) + (" …" if len(asked.input) > 3 else "")
        if (await self._bounds()).room.left <= 0:
            raise full()
        identity = uuid4().hex
        with self._receive(identity):
            folder = await asyncio.to_thread(self._space.receive, identity)
            task = await self._task(folder, name, found, _options(asked, {}))
            return await self._add(identity, owner, task)

    async def mine(self, owner: str, most: int) -> list[Job]:
        """The jobs of an owner, the newest first."""
        with _using_ledger():
            return [self._describe(entry) for entry in await asyncio.to_thread(self._ledger.of, owner, most)]

    async def find(self, identity: str, owner: str) -> Job:
        """A job.

        Raises:
            ProblemError: 404 if its owner has none of that id.
        """
        return self._describe(await self._entry(identity, owner))

    async def remove(self, identity: str, owner: str) -> None:
        """Cancel a job that waits or runs; forget one that has ended, with its results.

        Raises:
            ProblemError: 404 if its owner has none of that id.
        """
        await self._entry(identity, owner)
        with _using_ledger():
            if not await self._runner.cancel(identity):
                await asyncio.to_thread(self._ledger.forget, identity)
                await asyncio.to_thread(self._space.clear, identity)

    async def results(self, identity: str, owner: str) -> Path:
        """Where the tables of a job are.

        Raises:
            ProblemError: 404 if there is no such job, 409 while it has no results, 410 when they are gone.
        """
        entry = await self._entry(identity, owner)
        if entry.status in (Status.CANCELLED, Status.EXPIRED):
            raise ProblemError(410, f"the job is {entry.status}; its results are gone")
        if entry.status in LIVE:
            raise ProblemError(409, f"the job is {entry.status}; its results are there when it has finished")
        if not self._space.has_tables(identity):
            raise ProblemError(409, f"the job failed and has no results: {entry.message}")
        return self._space.out(identity)

    def sweep(self, now: float) -> None:
        """Remove results that have expired, and forget jobs for which that is as long ago again."""
        days = self._settings.jobs_days * _DAY
        self._ledger.expire(now - days)
        self._ledger.forget_before(now - 2 * days)
        with self._filing:
            folders = self._space.identities()
            kept = self._ledger.identities((*LIVE, *_WITH_TABLES))
        for identity in folders - kept:
            self._space.clear(identity)
        for identity in folders & self._ledger.identities(_WITH_TABLES):
            self._space.clear_work(identity)

    def _sweep(self) -> None:
        self.sweep(time.time())

    async def _keep_sweeping(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            try:
                await asyncio.to_thread(self._sweep)
            except Exception as error:  # the next time may be better
                _logger.error("expired jobs cannot be removed", exc_info=error)

    async def _add(self, identity: str, owner: str, task: Task) -> Job:
        entry = await asyncio.to_thread(self._file, identity, owner, task)
        if entry is None:
            raise self._too_many()
        _logger.info("job queued", job=identity, key=owner or None)
        self._runner.wake()
        return self._describe(entry)

    def _file(self, identity: str, owner: str, task: Task) -> Entry | None:
        """Take over what was received, and write the job down; nobody may see the one without the other."""
        with self._filing:
            self._space.keep(identity)
            return self._ledger.add(identity, owner, task, self._settings.jobs_waiting)

    async def _entry(self, identity: str, owner: str) -> Entry:
        with _using_ledger():
            entry = await asyncio.to_thread(self._ledger.find, identity, owner)
        if entry is None:
            raise ProblemError(404, "there is no such job")
        return entry

    def _describe(self, entry: Entry) -> Job:
        progress = self._runner.progress(entry.id)
        if progress is not None and entry.status is Status.RUNNING:
            entry = entry._replace(progress=progress)
        return entry.describe(self._settings.jobs_days)

    def _check_waiting(self) -> None:
        """Check that one more job may come, before its file does."""
        with _using_ledger():
            waiting = self._ledger.counts()[Status.QUEUED]
        if waiting + self._receiving >= self._settings.jobs_waiting:
            raise self._too_many()

    def _too_many(self) -> ProblemError:
        return unavailable(f"{self._settings.jobs_waiting} jobs wait already", _RETRY)

    @contextmanager
    def _receive(self, identity: str) -> Iterator[None]:
        """Count a job that comes, and remove what came of it if it is not taken."""
        self._receiving += 1
        try:
            with _using_ledger(), writing():
                yield
        except BaseException:
            self._space.clear(identity)
            raise
        finally:
            self._receiving -= 1

    async def _bounds(self) -> Bounds:
        self._room.used = await asyncio.to_thread(self._space.size)
        return Bounds(self._settings.jobs_max_upload, self._room, self._settings.max_seconds, lambda: self.stopping)

    async def _task(self, folder: Path, name: str, inputs: Sequence[str], options: JobOptions) -> Task:
        """What a job does; the codebook by which it does so is written into its folder."""
        try:
            model = await self._find_model()
        except FramelineError as error:
            _logger.error("the model in service cannot be found", reason=str(error))
            raise unavailable("the model in service cannot be found; the log has the reason", _RETRY) from None
        with writing():
            await asyncio.to_thread(_write, folder / CODEBOOK, model.codebook)
        return Task(
            name=name,
            inputs=tuple(inputs),
            options=options,
            checkpoint=str(model.folder),
            codebook=CODEBOOK,
            version=model.version,
        )

    def _arguments(self, entry: Entry) -> list[str]:
        settings, task = self._settings, entry.task
        current = None if settings.codebook is None else str(settings.codebook.absolute())
        given = {
            "--codebook": current if task.codebook is None else task.codebook,
            "--model-version": task.version,
            "--workers": settings.jobs_workers,
        }
        return [
            "score",
            f"--out=../{OUT}",
            f"--checkpoint={task.checkpoint}",
            *(f"{name}={value}" for name, value in given.items() if value is not None),
            "--progress=json",
            *task.options.arguments(),
            "--",
            *task.inputs,
        ]


def _write(file: Path, codebook: Codebook) -> None:
    write_through(file, codebook.to_yaml().encode())


@contextmanager
def _using_ledger() -> Iterator[None]:
    """Say it with a 503 where the book of jobs cannot be used, as where another process has locked it.

    Raises:
        ProblemError: 503.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _unusable(error) from None


def _unusable(error: Exception) -> ProblemError:
    _logger.error("the folder of jobs cannot be used", exc_info=error)
    return unavailable("the folder of jobs cannot be used; the log has the reason", _RETRY)


def _options(asked: JobOptions, fields: dict[str, str]) -> JobOptions:
    """The options of a request, and those of the fields of its form.

    Raises:
        ProblemError: 422 if one is given twice, or is wrong.
    """
    given = {name: getattr(asked, name) for name in JobOptions.model_fields if name in asked.model_fields_set}
    twice = sorted(given.keys() & fields.keys())
    if twice:
        raise fault(("body", twice[0]), "twice", "is given in the query, too")
    try:
        return JobOptions.model_validate({**given, **fields})
    except ValidationError as error:
        raise invalid(faults_of(error, ("body",))) from None
