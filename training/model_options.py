"""What the commands of ``frameline models`` have in common."""

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from model.errors import FramelineError
from training.options import PATHS
from training.progress import Steps

_DEFAULT = Path("registry")
_Function = TypeVar("_Function", bound=Callable[..., Any])


def with_registry(function: _Function) -> _Function:
    """Add the option --registry."""
    option = click.option(
        "--registry",
        type=PATHS,
        envvar="FRAMELINE_REGISTRY",
        default=_DEFAULT,
        show_default=True,
        show_envvar=True,
        help="The registry's folder.",
    )
    return option(function)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # as in a container whose user has no name
        return "unknown"


by_option = click.option("--by", default=_who, show_default="your user name", help="Who decides; the log names them.")
annotations_option = click.option(
    "--annotations", type=PATHS, multiple=True, help="Annotated sentences, files or folders; may be given often."
)
keep_known_option = click.option(
    "--keep-known", is_flag=True, help="Keep sentences that a model has seen; such figures prove nothing."
)


def service_name(version: str | None) -> str:
    """What is called in service."""
    return "the service's own checkpoint" if version is None else version


def console() -> Console:
    """What tables are printed on."""
    return Console(highlight=False)


@contextmanager
def progress_bar(words: str, total: int) -> Iterator[Callable[..., None]]:
    """Steps on standard error; what is yielded advances them."""
    with Steps(words, total) as steps:
        yield steps.advance


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Say which extra to install where its packages are missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in ("model", "training", "service"):
            raise
        raise FramelineError(
            f"this needs the package {error.name!r}: pip install 'frameline[{extra}]' (in a clone: make develop)"
        ) from None
