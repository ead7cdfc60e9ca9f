"""The service's settings, from the environment (``FRAMELINE_…``) and the command line."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from model.checkpoint import DEFAULT


class ServiceSettings(BaseSettings):
    """What the service needs to know; sizes count documents and Unicode code points of a request."""

    model_config = SettingsConfigDict(env_prefix="FRAMELINE_", frozen=True, extra="forbid")

    checkpoint: Path = DEFAULT
    codebook: Path | None = None
    threads: int | None = Field(default=None, gt=0)
    max_documents: int = Field(default=1_000, gt=0)
    max_characters: int = Field(default=1_000_000, gt=0)
