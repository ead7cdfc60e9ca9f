"""Where the command has its sentences labelled: here, or by a service. Each is imported only when it is used."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click
from click.core import ParameterSource

from model.codebook import Codebook
from model.errors import InputError
from model.prediction import Document, Sentence, TextDocument
from service.arrivals import Arrivals

if TYPE_CHECKING:
    from model.labeller import Labeller
    from service.client import Client

_LOCAL = ("checkpoint", "codebook", "threads")
_REMOTE = ("api_key", "patience")


class Labels(Protocol):
    """What labels documents: a model here, or a service."""

    @property
    def codebook(self) -> Codebook:
        """The labelling schema."""
        ...

    def classify_documents(
        self, documents: Iterable[TextDocument], *, split: bool, on_sentence: Callable[[Sentence], None] | None
    ) -> Iterator[Document]:
        """Label documents in their order."""
        ...


def check_options(context: click.Context, server: str | None) -> None:
    """Refuse options that have no meaning where the sentences are labelled.

    Raises:
        click.UsageError: naming them.
    """
    wrong = _LOCAL if server is not None else _REMOTE
    given = [name for name in wrong if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        rule = "cannot be given with --server, whose service has its own" if server is not None else "needs --server"
        raise click.UsageError(f"{options}: {rule}")


class _Arriving:
    """A labeller of documents whose source may pause: what has come is labelled and given out meanwhile."""

    def __init__(self, labeller: "Labeller") -> None:
        self._labeller = labeller
        self.codebook = labeller.codebook

    def classify_documents(
        self, documents: Iterable[TextDocument], *, split: bool, on_sentence: Callable[[Sentence], None] | None
    ) -> Iterator[Document]:
        """Label documents in their order."""
        return self._labeller.classify_documents(Arrivals(documents), split=split, on_sentence=on_sentence)


def from_checkpoint(checkpoint: Path, codebook: Path | None, threads: int | None, *, arriving: bool) -> Labels:
    """Label here.

    Args:
        checkpoint: the checkpoint's folder.
        codebook: a codebook with further actors, or None for the checkpoint's own.
        threads: sentences that are labelled at a time; by default one a core.
        arriving: whether the documents' source may pause.

    Raises:
        CheckpointError: the checkpoint is missing or damaged.
        CodebookError: the codebook is faulty, or does not fit the checkpoint.
    """
    from model.labeller import Labeller

    labeller = Labeller.from_checkpoint(checkpoint, None if codebook is None else Codebook.load(codebook), threads)
    return _Arriving(labeller) if arriving else labeller


def from_service(server: str, api_key: str | None, patience: float) -> "Client":
    """Label by the service at a URL; ``patience`` is in seconds, and notices go to standard error.

    Raises:
        click.BadParameter: the URL or the key cannot be one.
    """
    from service.client import Client
    from service.patience import Patience

    def notify(message: str) -> None:
        click.echo(f"frameline: {message}", err=True)

    try:
        return Client(server, api_key, patience=Patience(patience), notify=notify)
    except InputError as error:
        option = "--server" if error.field == "url" else "--api-key (or FRAMELINE_API_KEY)"
        raise click.BadParameter(error.message, param_hint=option) from None
