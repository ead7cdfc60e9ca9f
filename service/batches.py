"""Documents in batches, each the size of a request."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread

from model.prediction import TextDocument

#: Documents that are read before a batch takes them.
_AHEAD = 16


@dataclass(frozen=True, kw_only=True)
class BatchLimits:
    """When a batch is full: after so many documents or characters (code points), or so long after its first document.

    A single document may have more characters; it is a batch of its own.
    """

    documents: int = 64
    characters: int = 50_000
    seconds: float = 0.05


@dataclass(frozen=True)
class _End:
    """The end of the documents, and the error that ended them."""

    failure: Exception | None = None


class Batches:
    """Groups documents while a thread reads them, so that nothing that has been read waits for what has not.

    Args:
        documents: what to group; it may be endless. Where it raises, so do the batches, after those before it.
        limits: when a batch is full.
    """

    def __init__(self, documents: Iterable[TextDocument], limits: BatchLimits) -> None:
        self._limits = limits
        self._read: Queue[TextDocument | _End] = Queue(_AHEAD)
        self._closed = False
        Thread(target=self._fill, args=(documents,), daemon=True, name="frameline-read").start()

    def __iter__(self) -> Iterator[list[TextDocument]]:
        item = self._read.get()
        while isinstance(item, TextDocument):
            batch, following = self._gather(item)
            yield batch
            item = self._read.get() if following is None else following
        if item.failure is not None:
            raise item.failure

    def close(self) -> None:
        """Stop reading; who waits for a batch is told that this is the end."""
        self._closed = True
        with suppress(Empty):
            while True:
                self._read.get_nowait()
        self._read.put(_End())

    def _fill(self, documents: Iterable[TextDocument]) -> None:
        end = _End()
        try:
            for document in documents:
                self._read.put(document)
                if self._closed:
                    break
        except Exception as error:  # raised again where the batches are taken
            end = _End(error)
        self._read.put(end)

    def _gather(self, first: TextDocument) -> tuple[list[TextDocument], TextDocument | _End | None]:
        """A batch that begins with a document, and what came after it if that has been taken already."""
        batch, characters = [first], _size(first)
        deadline = time.monotonic() + self._limits.seconds
        while len(batch) < self._limits.documents:
            try:
                item = self._read.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                break
            if isinstance(item, _End) or characters + _size(item) > self._limits.characters:
                return batch, item
            batch.append(item)
            characters += _size(item)
        return batch, None


def _size(document: TextDocument) -> int:
    return len(document.text) + sum(len(mention) for mention in document.actors or ())
