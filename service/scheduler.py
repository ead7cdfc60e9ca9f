"""One bounded queue of sentences, shared fairly between the requests, in front of the model."""

import asyncio
import math
import threading
from collections import deque
from collections.abc import Sequence
from itertools import islice
from time import perf_counter, time_ns
from typing import NamedTuple

from model.prediction import Sentence
from model.unlabelled import Unlabelled
from service.observer import Observer
from service.passage import Passage
from service.worker_labeller import AnyLabeller

#: Sentences that a request gets labelled at a turn. One that has no more is served whole, in the order of arrival.
_TURN = 16
#: How much the newest group counts in the running mean of the time that a sentence takes.
_FRESH = 0.05
#: Seconds that a sentence takes, before any has been measured.
_FIRST_GUESS = 0.003


class BusyError(Exception):
    """The queue has no room.

    Args:
        seconds: when it is likely to have some.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"busy; try again in {seconds:.1f} seconds")
        self.seconds = seconds


class Ticket:
    """A request's sentences on their way through the queue, and the model that labels all of them."""

    def __init__(self, sentences: Sequence[Unlabelled], labeller: AnyLabeller) -> None:
        self.sentences = sentences
        self.labeller = labeller
        self.given = 0
        self.entered = time_ns()
        self.taken = 0
        self.turn = _TURN
        self.labelled: list[Sentence | None] = [None] * len(sentences)
        self.unfinished = len(sentences)
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()

    @property
    def waiting(self) -> int:
        """Sentences that no thread has taken yet."""
        return len(self.sentences) - self.given

    def passage(self) -> Passage:
        """Its way through the queue, which ends now."""
        return Passage(len(self.sentences), self.entered, self.taken, time_ns())

    def settle(self, error: Exception | None) -> None:
        """Wake whoever waits for the answer; in the event loop."""
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


class _Piece(NamedTuple):
    """Sentences of a ticket, from its ``start``-th on, that a thread has taken."""

    ticket: Ticket
    start: int
    sentences: Sequence[Unlabelled]


class Scheduler:
    """Threads that label the sentences of all requests, turn by turn.

    A sentence's labels are the same whatever else waits. A request that fits into one
    turn is labelled whole, in the order of arrival; a longer one goes to the end of the queue after each turn, so
    that a short one never waits for the whole of it. Another labeller may take over at any time: what was asked
    before is labelled by the one before, which is forgotten then.

    Args:
        labeller: labels the sentences, on as many threads as it has been given.
        max_queue: sentences that may wait.
        max_wait: seconds that the others may delay a request, beyond the time that it takes by itself.
        observer: is told what is labelled.
    """

    def __init__(
        self, labeller: AnyLabeller, max_queue: int, max_wait: float, observer: Observer | None = None
    ) -> None:
        #: Labels what is asked from now on.
        self.labeller = labeller
        self._observer = Observer() if observer is None else observer
        self.busy = 0
        self._max_queue = max_queue
        self._max_wait = max_wait
        self._tickets: deque[Ticket] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._seconds = _FIRST_GUESS
        self._waiting = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"frameline-{number}", daemon=True)
            for number in range(labeller.threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def queued(self) -> int:
        """Sentences that wait."""
        with self._changed:
            return self._waiting

    async def label(
        self, sentences: Sequence[Unlabelled], *, labeller: AnyLabeller | None = None, patient: bool = False
    ) -> list[Sentence]:
        """Label sentences in their turn.

        When the caller is cancelled, what has not begun of its sentences leaves the queue.

        Args:
            sentences: what to label.
            labeller: what labels them; by default that of the moment.
            patient: wait however long it takes; for callers that bound by themselves what they have on the way.

        Raises:
            BusyError: too much waits already.
        """
        ticket = Ticket(sentences, self.labeller if labeller is None else labeller)
        self._observer.asked(len(sentences))
        if sentences:
            self._enter(ticket, patient)
            try:
                await ticket.done
            finally:
                self._leave(ticket)
                self._observer.passed(ticket.passage())
        return [sentence for sentence in ticket.labelled if sentence is not None]

    def close(self) -> None:
        """Label what waits, then stop the threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _enter(self, ticket: Ticket, patient: bool) -> None:
        with self._changed:
            if not patient:
                self._admit(len(ticket.sentences))
            self._tickets.append(ticket)
            self._waiting += len(ticket.sentences)
            self._changed.notify(min(len(self._threads), len(ticket.sentences)))

    def _admit(self, count: int) -> None:
        """Check that the others would not delay ``count`` more sentences for too long."""
        seconds = self._seconds / len(self._threads)
        if self._waiting and self._waiting + count > self._max_queue:
            raise BusyError((self._waiting + count - self._max_queue) * seconds)
        turns = math.ceil(count / _TURN)
        delay = sum(min(ticket.waiting, turns * _TURN) for ticket in self._tickets) * seconds
        bearable = self._max_wait + (count * seconds if turns > 1 else 0)
        if delay > bearable:
            raise BusyError(delay - bearable)

    def _leave(self, ticket: Ticket) -> None:
        with self._changed:
            if ticket.waiting:
                self._waiting -= ticket.waiting
                ticket.given = len(ticket.sentences)
                self._tickets.remove(ticket)

    def _work(self) -> None:
        while self._work_once():
            pass

    def _work_once(self) -> bool:
        """Label a group; when this returns, the thread holds no labeller any more while it waits."""
        pieces = self._take()
        if not pieces:
            return False
        began = perf_counter()
        errors = self._label(pieces)
        self._finish(pieces, errors, (perf_counter() - began) / sum(len(piece.sentences) for piece in pieces))
        return True

    def _label(self, pieces: Sequence[_Piece]) -> list[Exception | None]:
        """Label pieces together; for each the error that came of it."""
        try:
            labeller = pieces[0].ticket.labeller
            labelled, tokens = labeller.label_counted([one for piece in pieces for one in piece.sentences])
        except Exception as error:
            if len(pieces) == 1:
                return [error]  # whoever asked for these sentences is told
            return [each for piece in pieces for each in self._label([piece])]
        self._observer.labelled(labelled, tokens)
        rest = iter(labelled)
        for ticket, start, sentences in pieces:
            ticket.labelled[start : start + len(sentences)] = islice(rest, len(sentences))
        return [None] * len(pieces)

    def _take(self) -> list[_Piece]:
        """The next sentences, of one request or of several with the same model; none at the end of the service."""
        with self._changed:
            while not self._tickets:
                if self._closed:
                    return []
                self._changed.wait()
            # two groups for every thread at least, so that one does not wait for the other
            labeller = self._tickets[0].labeller
            room = min(max(1, self._waiting // (2 * len(self._threads))), labeller.together)
            pieces = []
            while room and self._tickets and self._tickets[0].labeller is labeller:
                ticket = self._tickets[0]
                size = min(room, ticket.turn, ticket.waiting)
                pieces.append(_Piece(ticket, ticket.given, ticket.sentences[ticket.given : ticket.given + size]))
                ticket.taken = ticket.taken or time_ns()
                ticket.given += size
                ticket.turn -= size
                room -= size
                self._waiting -= size
                if not ticket.waiting:
                    self._tickets.popleft()
                elif not ticket.turn:
                    ticket.turn = _TURN
                    self._tickets.rotate(-1)
            self.busy += 1
            return pieces

    def _finish(self, pieces: Sequence[_Piece], errors: Sequence[Exception | None], seconds: float) -> None:
        with self._changed:
            self.busy -= 1
            self._seconds += (seconds - self._seconds) * _FRESH
            for piece in pieces:
                piece.ticket.unfinished -= len(piece.sentences)
            settled = [
                (ticket, error)
                for (ticket, _, _), error in zip(pieces, errors, strict=True)
                if error is not None or not ticket.unfinished
            ]
        for ticket, error in settled:
            ticket.loop.call_soon_threadsafe(ticket.settle, error)
