"""A job as it is kept."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from model.codebook import Schema
from service.jobs.job import Job, JobOptions, JobProgress, Status

#: Those that end by themselves.
LIVE = (Status.QUEUED, Status.RUNNING)


class Task(Schema):
    """What a job does."""

    name: str
    """What the caller calls its input."""
    inputs: tuple[str, ...]
    """The inputs as the scoring process finds them from the folder that it works in."""
    options: JobOptions
    checkpoint: str
    """The folder of the model that served when the job came; it labels all of it."""
    codebook: str | None = None
    """The file of the codebook by which that model served; None in jobs of Frameline 0.11: that of the settings."""
    version: str | None = None
    """What answers called that model's version; None means the checkpoint's own."""


class Entry(NamedTuple):
    """A job: whose it is, what it does, and how far it is; times are seconds since 1970."""

    id: str
    owner: str
    status: Status
    task: Task
    progress: JobProgress
    message: str
    created: float
    started: float | None
    ended: float | None
    attempts: int
    """How often it was started since the service was last stopped in an orderly way."""

    def describe(self, days: float) -> Job:
        """The job as its caller sees it; results are kept for so many days."""
        keeps = self.status in (Status.FINISHED, Status.FAILED) and self.ended is not None
        ended = _time(self.ended)
        return Job(
            id=self.id,
            status=self.status,
            name=self.task.name,
            options=self.task.options,
            progress=self.progress,
            message=self.message,
            created=datetime.fromtimestamp(self.created, UTC),
            started=_time(self.started),
            ended=ended,
            expires=ended + timedelta(days=days) if keeps and ended is not None else None,
        )


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
