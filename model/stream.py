"""Documents on their way through the threads of a labeller."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Condition
from typing import TypeAlias

from model.prediction import Document, Sentence, TextDocument
from model.switching import frequent_switches
from model.unlabelled import Unlabelled

#: Characters of a sentence of usual length; a longer one counts as several.
_USUAL = 150
#: The most sentences of usual length that are read ahead for each thread, as groups of the largest size and at least.
_GROUPS_AHEAD, _AHEAD = 2, 64
#: A document with its sentences.
Item: TypeAlias = tuple[TextDocument, Iterable[Unlabelled]]
OnSentence: TypeAlias = Callable[[Sentence], None]


class _Job:
    """A sentence, how many of usual length it is worth, and what became of it."""

    __slots__ = ("outcome", "sentence", "size")

    def __init__(self, sentence: Unlabelled) -> None:
        self.sentence = sentence
        self.size = 1 + (sentence.place.end - sentence.place.start) // _USUAL
        self.outcome: Sentence | BaseException | None = None


class Stream:
    """Labels documents on several threads, in order.

    A thread that is free takes sentences that wait, of whatever document: many where many wait, since those are
    labelled faster together, and fewer at the beginning and towards the end, so that the first are done soon and all
    threads at about the same time.

    Args:
        label: labels sentences on the thread that calls it.
        executor: the threads, which several streams may share.
        threads: how many they are.
        fewest: sentences that a thread takes where few wait; a hand-over of each alone would cost more.
        most: sentences that a thread takes at a time; a long one counts as several.
    """

    def __init__(
        self,
        label: Callable[[Sequence[Unlabelled]], list[Sentence]],
        executor: ThreadPoolExecutor,
        threads: int,
        fewest: int,
        most: int,
    ) -> None:
        self._label = label
        self._executor = executor
        self._threads = threads
        self._fewest = fewest
        self._most = most
        self._changed = Condition()
        self._queue: deque[_Job] = deque()
        self._queued = 0
        self._taken = 0
        self._running = 0
        self._abandoned = False

    def run(self, documents: Iterable[Item | None], on_sentence: OnSentence | None = None) -> Generator[Document]:
        """Label documents, given with their sentences; what came before an error is yielded before it is raised.

        Args:
            documents: what to label; taken only as needed. None says that no other is there at the moment, so what
                came before is yielded before more is taken.
            on_sentence: is told of each sentence when it is done, in order.
        """
        with frequent_switches():
            yield from self._run(documents, on_sentence)

    def _run(self, documents: Iterable[Item | None], on_sentence: OnSentence | None) -> Generator[Document]:
        waiting: deque[_Job | TextDocument] = deque()
        ahead, most_ahead = 0, self._threads * max(_GROUPS_AHEAD * self._most, _AHEAD)
        finished: list[Sentence] = []
        entries = self._entries(documents)
        failure: Exception | None = None
        try:
            while failure is None:
                try:
                    entry = next(entries)
                except StopIteration:
                    break
                except Exception as error:  # raised again below, when what came before is done
                    failure = error
                    break
                if entry is None:
                    ahead = 0
                    while waiting:
                        yield from self._collect(waiting.popleft(), finished, on_sentence)
                    continue
                waiting.append(entry)
                ahead += _size(waiting[-1])
                if ahead > most_ahead:
                    self._start()
                while waiting and (ahead > most_ahead or _is_done(waiting[0])):
                    ahead -= _size(waiting[0])
                    yield from self._collect(waiting.popleft(), finished, on_sentence)
            self._start()
            while waiting:
                yield from self._collect(waiting.popleft(), finished, on_sentence)
        finally:
            self._abandoned = True
        if failure is not None:
            raise failure

    def _entries(self, documents: Iterable[Item | None]) -> Iterator[_Job | TextDocument | None]:
        """The jobs of each document, and then the document itself; None for None."""
        for item in documents:
            if item is None:
                yield None
                continue
            document, sentences = item
            for count, sentence in enumerate(sentences, 1):
                job = _Job(sentence)
                with self._changed:
                    self._queue.append(job)
                    self._queued += job.size
                if count % self._fewest == 0:
                    self._start()
                yield job
            self._start()
            yield document

    def _start(self) -> None:
        """Give every thread that has nothing to do a group of what waits."""
        with self._changed:
            while self._queue and self._running < self._threads and not self._abandoned:
                future = self._executor.submit(self._work, self._take())
                self._running += 1
                future.add_done_callback(self._finish)

    def _take(self) -> list[_Job]:
        many = min(self._queued // (2 * self._threads), self._taken)
        room = min(max(self._fewest, many), self._most)
        group: list[_Job] = []
        while self._queue and room > 0:
            group.append(self._queue.popleft())
            room -= group[-1].size
        size = sum(job.size for job in group)
        self._queued -= size
        self._taken += size
        return group

    def _work(self, group: Sequence[_Job]) -> None:
        for job, outcome in zip(group, self._outcomes(group), strict=True):
            job.outcome = outcome

    def _outcomes(self, group: Sequence[_Job]) -> Sequence[Sentence | BaseException]:
        """What becomes of each sentence: an error is that of the one for which it comes."""
        try:
            return self._label([job.sentence for job in group])
        except BaseException as error:  # raised where the sentence is collected
            return [error] if len(group) == 1 else [one for job in group for one in self._outcomes([job])]

    def _finish(self, _future: Future[None]) -> None:
        with self._changed:
            self._running -= 1
            with suppress(RuntimeError):  # the threads were stopped; whoever waits is told
                self._start()
            self._changed.notify_all()

    def _collect(
        self, entry: _Job | TextDocument, finished: list[Sentence], on_sentence: OnSentence | None
    ) -> Iterator[Document]:
        """Take a sentence into ``finished``; at the end of a document yield it and begin anew."""
        if isinstance(entry, TextDocument):
            yield Document(id=entry.id, sentences=tuple(finished))
            finished.clear()
            return
        with self._changed:
            self._changed.wait_for(lambda: entry.outcome is not None or not self._running)
        if entry.outcome is None:
            raise RuntimeError("the labeller was closed")
        if isinstance(entry.outcome, BaseException):
            raise entry.outcome
        finished.append(entry.outcome)
        if on_sentence is not None:
            on_sentence(entry.outcome)


def _size(entry: _Job | TextDocument) -> int:
    return 1 if isinstance(entry, TextDocument) else entry.size


def _is_done(entry: _Job | TextDocument) -> bool:
    return isinstance(entry, TextDocument) or entry.outcome is not None
