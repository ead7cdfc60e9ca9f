"""Documents as they come from input that may pause, such as a pipe."""

from collections.abc import Iterable, Iterator
from queue import Empty, Queue
from threading import Thread

from model.prediction import TextDocument

#: Documents that are read before they are taken.
_AHEAD = 16
#: Seconds without a document that make a pause.
_PAUSE = 0.05


class Arrivals:
    """Documents that a thread reads, with a None at the beginning of each pause.

    Args:
        documents: what to read; it may be endless. Where it raises, so does the iteration, after what came before.
    """

    def __init__(self, documents: Iterable[TextDocument]) -> None:
        self._read: Queue[TextDocument | Exception | None] = Queue(_AHEAD)
        Thread(target=self._fill, args=(documents,), daemon=True, name="frameline-read").start()

    def __iter__(self) -> Iterator[TextDocument | None]:
        while True:
            try:
                item = self._read.get(timeout=_PAUSE)
            except Empty:
                yield None
                item = self._read.get()
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item

    def _fill(self, documents: Iterable[TextDocument]) -> None:
        end: Exception | None = None
        try:
            for document in documents:
                self._read.put(document)
        except Exception as error:  # raised again where the documents are taken
            end = error
        self._read.put(end)
