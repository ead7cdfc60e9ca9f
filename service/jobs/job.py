"""What goes over the wire about jobs."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from model.codebook import Schema
from model.text import UnicodeText

_EXAMPLES: list[JsonValue] = [{"input": ["/srv/archives/2024/*.jsonl.gz"], "text_column": "body", "no_text": True}]
_Column = Annotated[UnicodeText, Field(min_length=1, max_length=200)]


class Status(StrEnum):
    """Where a job is: it waits, it runs, or it ended in one of four ways."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class JobOptions(Schema):
    """The choices of ``frameline score`` that a job has."""

    text_column: _Column = Field(default="text", description="The column (field) of the text.")
    id_column: _Column = Field(default="id", description="The column of the document's id.")
    actors_column: _Column = Field(default="actors", description="The column of the mentions to judge, where given.")
    language: str | None = Field(
        default=None, pattern="^[a-z]{2,3}$", description="Label documents in this language; default: the codebook's."
    )
    any_language: bool = Field(default=False, description="Label documents whatever their language.")
    no_text: bool = Field(default=False, description="Leave the sentences' text out of their table.")
    strict: bool = Field(default=False, description="Let the job fail if anything was set aside; its tables stay.")

    @model_validator(mode="after")
    def _check_language(self) -> Self:
        if self.language is not None and self.any_language:
            raise PydanticCustomError("language", "language and any_language exclude each other")
        return self

    def arguments(self) -> list[str]:
        """The same as arguments of ``frameline score``."""
        columns = [
            f"--text-column={self.text_column}",
            f"--id-column={self.id_column}",
            f"--actors-column={self.actors_column}",
        ]
        language = [] if self.language is None else [f"--language={self.language}"]
        flags = {"--any-language": self.any_language, "--no-text": self.no_text, "--strict": self.strict}
        return [*columns, *language, *(name for name, given in flags.items() if given)]


class UploadOptions(JobOptions):
    """The options of a file that is sent."""

    name: UnicodeText | None = Field(
        default=None,
        min_length=1,
        max_length=1_000,
        description="The file's name, whose end says its format where the media type does not: news.csv.gz.",
    )


class JobRequest(JobOptions):
    """Files that the service reads by itself; only below the folders that FRAMELINE_JOBS_ROOTS names."""

    model_config = ConfigDict(json_schema_extra={"examples": _EXAMPLES})

    input: tuple[UnicodeText, ...] = Field(
        min_length=1, max_length=1_000, description="Files, folders, globs, or URLs."
    )


class JobProgress(Schema):
    """How far a job is; of one that runs, as of about a second ago."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    documents: int = Field(default=0, description="Documents labelled.")
    documents_total: int = Field(default=0, description="Records found; 0 while they are still counted.")
    sentences: int = Field(default=0, description="Their sentences.")
    rejected: int = Field(default=0, description="Records set aside.")
    saved: int = Field(default=0, description="Sentences that repeat others, and were scored once.")
    share: float = Field(default=0.0, ge=0, le=1, description="Of the whole, from 0 to 1.")
    sentences_per_second: float = Field(default=0.0, description="Over the last minute; at the end, over all.")
    seconds_left: float | None = Field(default=None, description="About; null where it is not known.")


class Job(Schema):
    """A job."""

    id: str
    status: Status
    name: str = Field(description="The file that was sent, or the inputs that were named.")
    options: JobOptions
    progress: JobProgress
    message: str = Field(description="Why it failed; empty where it did not.")
    created: AwareDatetime
    started: AwareDatetime | None
    ended: AwareDatetime | None
    expires: AwareDatetime | None = Field(description="When its results are removed; null while there are none.")


class JobList(Schema):
    """Jobs, the newest first."""

    jobs: tuple[Job, ...]
