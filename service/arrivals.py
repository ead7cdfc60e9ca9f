"""Documents as they come from input that may pause, such as a pipe."""

from collections.abc import Iterable, Iterator

from model.prediction import TextDocument
from service.reader import End, Reader

#: Seconds without a document that make a pause.
_PAUSE = 0.05


class Arrivals:
    """Documents that a thread reads, with a None at the beginning of each pause.

    Args:
        documents: what to read; it may be endless. Where it raises, so does the iteration, after what came before.
    """

    def __init__(self, documents: Iterable[TextDocument]) -> None:
        self._reader = Reader(documents)

    def __iter__(self) -> Iterator[TextDocument | None]:
        while True:
            item = self._reader.take(_PAUSE)
            if item is None:
                yield None
                item = self._reader.take()
            if isinstance(item, End):
                item.check()
                return
            yield item
