"""The service's settings, from the environment (``FRAMELINE_…``) and the command line."""

import os
import re
import shlex
from pathlib import Path
from typing import Annotated, Any

import click
import platformdirs
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from model.checkpoint import DEFAULT
from model.errors import FramelineError
from model.faults import describe
from service.host import is_loopback
from service.log_output import Form, Level
from service.rate import parse_rate

#: Stands in a command for the path of the annotations.
ANNOTATIONS = "{annotations}"
_DATABASE = re.compile(r"sqlite:///(?!:memory:).+|postgresql(\+psycopg)?://.+")
_ORIGIN = re.compile(r"https?://[^/\s*@?#]+")


class ServiceSettings(BaseSettings):
    """What the service needs to know; the environment variable of each is its name in capitals after FRAMELINE_."""

    model_config = SettingsConfigDict(env_prefix="FRAMELINE_", frozen=True, extra="forbid")

    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65_535, description="Port to listen on.")
    checkpoint: Path = Field(default=DEFAULT, description="Folder of the checkpoint; default: the shipped one.")
    codebook: Path | None = Field(default=None, description="A codebook with further actors; default: none.")
    registry: Path | None = Field(
        default=None, description="A registry whose version in service is used and followed; default: none."
    )
    threads: int | None = Field(default=None, gt=0, description="Sentences labelled at a time; default: one a core.")
    processes: bool | None = Field(
        default=None, description="Whether each of them has a process; default: if the model runs on the CPU."
    )
    max_body: int = Field(default=8_000_000, gt=0, description="Bytes of a request's body.")
    max_documents: int = Field(default=1_000, gt=0, description="Documents of a request.")
    max_characters: int = Field(default=1_000_000, gt=0, description="Unicode code points of a request's texts.")
    max_sentences: int = Field(default=20_000, gt=0, description="Sentences of a request.")
    max_streams: int = Field(default=8, gt=0, description="Streams of documents that are open at a time.")
    max_queue: int = Field(default=100_000, gt=0, description="Sentences that wait, of all requests together.")
    max_wait: float = Field(
        default=1.0, gt=0, description="Seconds that others may delay a request before it is refused."
    )
    max_seconds: float = Field(default=120.0, gt=0, description="Seconds after which a request is given up.")
    drain_seconds: float = Field(
        default=1.0, ge=0, description="Seconds that idle connections get to close at the end."
    )
    keys_file: Path = Field(
        default_factory=lambda: Path(click.get_app_dir("frameline")) / "keys.json",
        description="File of the keys; default: keys.json in the user's configuration folder.",
    )
    require_keys: bool | None = Field(
        default=None, description="Whether a key is needed; default: unless the service listens on loopback only."
    )
    annotations: bool | None = Field(
        default=None,
        description="Whether corrections of labels are kept; default: on loopback, and wherever a key is needed.",
    )
    database: str | None = Field(
        default=None,
        description="URL of the database of corrections, sqlite:///FILE or postgresql://…; default: annotations.db "
        "beside the keys.",
        repr=False,
    )
    max_annotations: int = Field(default=1_000, gt=0, description="Annotations of a request.")
    rate_limit: str | None = Field(
        default=None, description="Requests a key or, without keys, an address may make, as 600/minute; default: any."
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Origins whose pages may use the service, with commas between; default: none."
    )
    log_format: Form | None = Field(
        default=None, description="How logs look, console or json; default: console on a terminal."
    )
    log_level: Level = Field(default="info", description="The least that is logged.")
    jobs: bool = Field(default=True, description="Whether archives can be sent, to be scored in the background.")
    jobs_folder: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("frameline") / "jobs",
        description="Folder of the jobs; default: frameline/jobs in the user's data folder.",
    )
    jobs_at_a_time: int = Field(default=1, gt=0, description="Jobs that run at a time.")
    jobs_workers: int | None = Field(default=None, gt=0, description="Processes of a job; default: one a core.")
    jobs_waiting: int = Field(default=100, gt=0, description="Jobs that wait.")
    jobs_max_upload: int = Field(default=2_000_000_000, gt=0, description="Bytes of a file that is sent.")
    jobs_disk_bytes: int = Field(default=20_000_000_000, gt=0, description="Bytes of all jobs on the disk together.")
    jobs_days: float = Field(default=7.0, gt=0, le=3650, description="Days for which results are kept.")
    jobs_roots: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Folders and URLs below which jobs may name files to read, with commas between; default: none.",
    )
    telemetry: bool | None = Field(
        default=None, description="Whether spans are sent; default: if there is an OTLP endpoint."
    )
    label_studio_folder: Path | None = Field(
        default=None, description="Folder for what Label Studio's webhook sends; default: nothing of it is kept."
    )
    label_studio_secret: SecretStr | None = Field(
        default=None, min_length=8, description="What a webhook sends as X-Frameline-Secret; default: nothing."
    )
    label_studio_command: str | None = Field(
        default=None, description="Trains on the file {annotations} after enough changes; default: nothing is trained."
    )
    label_studio_changes: int = Field(
        default=100, gt=0, description="Changed annotations after which Label Studio's training starts."
    )

    @property
    def needs_keys(self) -> bool:
        """Whether a request needs a key."""
        return not is_loopback(self.host) if self.require_keys is None else self.require_keys

    @property
    def keeps_annotations(self) -> bool:
        """Whether corrections are kept."""
        return is_loopback(self.host) or self.needs_keys if self.annotations is None else self.annotations

    @property
    def database_url(self) -> str:
        """The URL of the database of corrections."""
        if self.database is not None:
            return self.database
        return f"sqlite:///{self.keys_file.absolute().parent / 'annotations.db'}"

    @field_validator("database")
    @classmethod
    def _check_database(cls, url: str | None) -> str | None:
        if url is not None and not _DATABASE.fullmatch(url):
            # of this type, what was given is not shown, since it may hold a password
            raise PydanticCustomError("value_error", "a database is sqlite:///FILE or postgresql://USER@HOST/NAME")
        return url

    @field_validator("rate_limit")
    @classmethod
    def _check_rate(cls, rate: str | None) -> str | None:
        if rate is not None:
            parse_rate(rate)
        return rate

    @field_validator("cors_origins", "jobs_roots", mode="before")
    @classmethod
    def _split(cls, origins: Any) -> Any:
        return [origin.strip() for origin in origins.split(",")] if isinstance(origins, str) else origins

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_ORIGIN.fullmatch(origin) for origin in origins):
            raise PydanticCustomError("origins", "an origin is a scheme and a host, as https://news.example")
        return origins

    @field_validator("jobs_roots")
    @classmethod
    def _check_roots(cls, roots: tuple[str, ...]) -> tuple[str, ...]:
        if not all("://" in root or Path(root).is_absolute() for root in roots):
            raise PydanticCustomError("roots", "a folder is an absolute path, or a URL")
        return roots

    @field_validator("label_studio_command")
    @classmethod
    def _check_command(cls, command: str | None, info: ValidationInfo) -> str | None:
        if command is not None and not split_command(command):
            raise PydanticCustomError("command", "the words of a command are needed, with {annotations} for their path")
        if command is not None and info.data.get("label_studio_folder") is None:
            raise PydanticCustomError("command", "a command needs FRAMELINE_LABEL_STUDIO_FOLDER, too")
        return command


def split_command(command: str) -> list[str]:
    """The words of a command, quoted as in a shell; none where it cannot be read, or has no ``{annotations}``."""
    try:
        words = shlex.split(command)
    except ValueError:
        return []
    return words if any(ANNOTATIONS in word for word in words[1:]) else []


def read_settings(**given: Any) -> ServiceSettings:
    """The settings: those given which are not None, the others from the environment.

    Raises:
        FramelineError: some are wrong; each is named by its variable.
    """
    try:
        return ServiceSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = [line.split(": ", 1) for line in describe(error)]
        raise FramelineError("\n".join(f"FRAMELINE_{name.upper()}: {fault}" for name, fault in faults)) from None


def read_otlp(name: str) -> str:
    """What OpenTelemetry's environment variables say of the export of traces, as ENDPOINT; empty if nothing."""
    return os.environ.get(f"OTEL_EXPORTER_OTLP_TRACES_{name}") or os.environ.get(f"OTEL_EXPORTER_OTLP_{name}", "")
