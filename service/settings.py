"""The service's settings, from the environment (``FRAMELINE_…``) and the command line."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from model.checkpoint import DEFAULT


class ServiceSettings(BaseSettings):
    """What the service needs to know; the environment variable of each is its name in capitals after FRAMELINE_."""

    model_config = SettingsConfigDict(env_prefix="FRAMELINE_", frozen=True, extra="forbid")

    checkpoint: Path = Field(default=DEFAULT, description="Folder of the checkpoint.")
    codebook: Path | None = Field(default=None, description="A codebook with further actors.")
    threads: int | None = Field(default=None, gt=0, description="Sentences labelled at a time; default: one a core.")
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
