"""Jobs, as far as there are any: the folder is opened when the first job comes, or when the last service left some."""

import math
import sqlite3
from collections.abc import Iterator
from importlib.util import find_spec

from service.jobs.desk import LEDGER, Desk
from service.jobs.job import Status
from service.logs import get_logger
from service.model_in_service import FindModel
from service.problems import ProblemError
from service.settings import ServiceSettings

#: Packages of the extra without which nothing can be scored.
_NEEDED = ("fsspec", "multipart", "pyarrow")
_logger = get_logger("jobs")


class Jobs:
    """The jobs of a service.

    Args:
        settings: whether there are jobs, and where.
        find_model: says by which model a job is labelled that comes.
    """

    def __init__(self, settings: ServiceSettings, find_model: FindModel) -> None:
        self._settings = settings
        self._find_model = find_model
        self._desk: Desk | None = None

    def start(self) -> None:
        """Let go on what an earlier service left."""
        if self._fault() or not (self._settings.jobs_folder / LEDGER).is_file():
            return
        try:
            self._desk = Desk.open(self._settings, self._find_model)
        except ProblemError as error:
            _logger.warning("jobs do not go on", reason=error.problem.detail)

    async def close(self) -> None:
        """Stop what runs, to go on when the service starts again."""
        if self._desk is not None:
            await self._desk.close()
            self._desk = None

    def stop_receiving(self) -> None:
        """Take no further piece of any upload, since the service is stopping."""
        if self._desk is not None:
            self._desk.stopping = True

    def desk(self) -> Desk:
        """Where jobs are taken.

        Raises:
            ProblemError: 501 if there are none here, 503 if their folder cannot be used now.
        """
        fault = self._fault()
        if fault:
            raise ProblemError(501, fault)
        if self._desk is None:
            self._desk = Desk.open(self._settings, self._find_model)
        return self._desk

    def count(self, status: Status) -> float:
        """How many jobs there are of a status; not a number while their book cannot be used."""
        try:
            return 0 if self._desk is None else self._desk.counts()[status]
        except sqlite3.Error:
            return math.nan

    def _fault(self) -> str:
        """Why there are no jobs here; empty if there are."""
        if not self._settings.jobs:
            return "this service takes no jobs, since FRAMELINE_JOBS is false"
        missing = list(self._missing())
        if missing:
            return (
                f"jobs need the packages {', '.join(missing)}: install the 'archive' extra where the service runs "
                "(pip install 'frameline[archive]') and start it again"
            )
        return ""

    def _missing(self) -> Iterator[str]:
        return (name for name in _NEEDED if find_spec(name) is None)
