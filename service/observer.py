"""Who is told what the scheduler does."""

from collections.abc import Sequence

from model.prediction import Sentence
from service.metrics import Metrics
from service.passage import Passage
from service.record import current
from service.tracing import Tracing


class Observer:
    """Takes no notice."""

    def asked(self, sentences: int) -> None:
        """A request wants sentences labelled; told in its own context."""

    def labelled(self, sentences: Sequence[Sentence], tokens: int) -> None:
        """Sentences have their labels, for which the network read tokens; told in the thread that labelled them."""

    def passed(self, passage: Passage) -> None:
        """A request's sentences left the queue; told in its own context."""


class RequestObserver(Observer):
    """Passes it on to the metrics, to the request's record and to its trace."""

    def __init__(self, metrics: Metrics, tracing: Tracing) -> None:
        self._metrics = metrics
        self._tracing = tracing

    def asked(self, sentences: int) -> None:
        """Note it for the request's log line."""
        current().sentences += sentences

    def labelled(self, sentences: Sequence[Sentence], tokens: int) -> None:
        """Count the labels and the tokens."""
        self._metrics.labelled(sentences)
        self._metrics.read(tokens)

    def passed(self, passage: Passage) -> None:
        """Note how long they waited."""
        record = current()
        record.queue_seconds += passage.waited
        self._metrics.waited(passage.waited)
        self._tracing.passed(record, passage)
