"""Documents in batches, each the size of a request."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from model.prediction import TextDocument
from service.reader import End, Reader


@dataclass(frozen=True, kw_only=True)
class BatchLimits:
    """When a batch is full: after so many documents or characters (code points), or so long after its first document.

    A single document may have more characters; it is a batch of its own.
    """

    documents: int = 64
    characters: int = 50_000
    seconds: float = 0.05


class Batches:
    """Groups documents while a thread reads them, so that nothing that has been read waits for what has not.

    Args:
        documents: what to group; it may be endless. Where it raises, so do the batches, after those before it.
        limits: when a batch is full.
    """

    def __init__(self, documents: Iterable[TextDocument], limits: BatchLimits) -> None:
        self._limits = limits
        self._reader = Reader(documents)

    def __iter__(self) -> Iterator[list[TextDocument]]:
        item = self._reader.take()
        while isinstance(item, TextDocument):
            batch, following = self._gather(item)
            yield batch
            item = self._reader.take() if following is None else following
        if item is not None:
            item.check()

    def close(self) -> None:
        """Stop reading; who waits for a batch is told that this is the end."""
        self._reader.close()

    def _gather(self, first: TextDocument) -> tuple[list[TextDocument], TextDocument | End | None]:
        """A batch that begins with a document, and what came after it if that has been taken already."""
        batch, characters = [first], _size(first)
        deadline = time.monotonic() + self._limits.seconds
        while len(batch) < self._limits.documents:
            item = self._reader.take(max(0.0, deadline - time.monotonic()))
            if item is None:
                break
            if isinstance(item, End) or characters + _size(item) > self._limits.characters:
                return batch, item
            batch.append(item)
            characters += _size(item)
        return batch, None


def _size(document: TextDocument) -> int:
    return len(document.text) + sum(len(mention) for mention in document.actors or ())
