import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from model.labeller import Labelled, Labeller
from model.place import Place
from model.prediction import Sentence, TextDocument
from model.unlabelled import Unlabelled
from service.scheduler import BusyError, Scheduler


class SlowLabeller:
    """Stands in for a labeller: it notes what it labels, and waits while its gate is closed."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self.together = 4
        self.gate = threading.Event()
        self.seen: list[str] = []

    def label_counted(self, sentences: Iterable[Unlabelled]) -> Labelled:
        labelled = []
        for text, place, *_ in sentences:
            self.gate.wait(10)
            self.seen.append(text)
            if text == "bad":
                raise ValueError(text)
            labelled.append(Sentence(start=place.start, end=place.end, text=text, frames=(), actors=()))
        return Labelled(labelled, 7 * len(labelled))


def sentences(name: str, count: int) -> list[Unlabelled]:
    return [Unlabelled(name, Place(number, number + 1), None) for number in range(count)]


@contextmanager
def scheduling(slow: SlowLabeller, max_queue: int = 1000, max_wait: float = 60.0) -> Iterator[Scheduler]:
    scheduler = Scheduler(cast(Labeller, slow), max_queue, max_wait)
    try:
        yield scheduler
    finally:
        slow.gate.set()
        scheduler.close()


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 20))


def test_every_request_gets_its_sentences_in_order() -> None:
    slow = SlowLabeller(threads=3)
    slow.gate.set()

    async def work() -> None:
        answers = await asyncio.gather(*(scheduler.label(sentences(str(size), size)) for size in range(40)))
        for size, answer in enumerate(answers):
            assert [(one.text, one.start) for one in answer] == [(str(size), number) for number in range(size)]

    with scheduling(slow) as scheduler:
        run(work)
        assert (scheduler.queued, scheduler.busy) == (0, 0)


def test_a_short_request_does_not_wait_for_the_whole_of_a_long_one() -> None:
    slow = SlowLabeller()

    async def work() -> None:
        long = asyncio.create_task(scheduler.label(sentences("long", 200)))
        await asyncio.sleep(0.05)
        short = asyncio.create_task(scheduler.label(sentences("short", 10)))
        await asyncio.sleep(0.05)
        slow.gate.set()
        await short
        assert slow.seen.index("short") <= 16
        assert [index for index, name in enumerate(slow.seen) if name == "short"][-1] <= 16 + 10
        await long

    with scheduling(slow) as scheduler:
        run(work)


def test_who_hangs_up_frees_the_queue() -> None:
    slow = SlowLabeller()

    async def work() -> None:
        gone = asyncio.create_task(scheduler.label(sentences("gone", 100)))
        await asyncio.sleep(0.05)
        assert scheduler.queued > 90
        gone.cancel()
        await asyncio.sleep(0.05)
        assert scheduler.queued == 0
        slow.gate.set()
        await scheduler.label(sentences("next", 2))
        assert slow.seen.count("gone") <= 4

    with scheduling(slow) as scheduler:
        run(work)


def test_beyond_the_bound_a_request_is_refused_but_a_patient_one_waits() -> None:
    slow = SlowLabeller()

    async def work() -> None:
        first = asyncio.create_task(scheduler.label(sentences("first", 30)))
        await asyncio.sleep(0.05)
        with pytest.raises(BusyError):
            await scheduler.label(sentences("second", 11))
        patient = asyncio.create_task(scheduler.label(sentences("patient", 11), patient=True))
        await asyncio.sleep(0.05)
        slow.gate.set()
        assert len(await first) == 30
        assert len(await patient) == 11
        assert len(await scheduler.label(sentences("alone", 100))) == 100  # with nobody else waiting, any number

    with scheduling(slow, max_queue=30) as scheduler:
        run(work)


def test_a_request_that_would_wait_too_long_is_told_when_to_come_back() -> None:
    slow = SlowLabeller()

    async def work() -> None:
        slow.gate.set()
        await scheduler.label(sentences("measured", 4))
        scheduler._seconds = 0.1  # what a sentence is known to take
        slow.gate.clear()
        first = asyncio.create_task(scheduler.label(sentences("first", 16)))
        await asyncio.sleep(0.05)
        with pytest.raises(BusyError) as raised:
            await scheduler.label(sentences("second", 1))
        assert 0.1 <= raised.value.seconds <= 1.0
        slow.gate.set()
        await first

    with scheduling(slow, max_wait=0.5) as scheduler:
        run(work)


def test_a_failure_reaches_the_request_whose_sentence_it_was() -> None:
    slow = SlowLabeller(threads=2)
    slow.gate.set()

    async def work() -> None:
        good, bad = await asyncio.gather(
            scheduler.label(sentences("good", 20)), scheduler.label(sentences("bad", 20)), return_exceptions=True
        )
        assert isinstance(bad, ValueError)
        assert isinstance(good, list)
        assert len(good) == 20

    with scheduling(slow) as scheduler:
        run(work)


def test_what_was_taken_is_labelled_before_the_end(labeller: Labeller) -> None:
    document = TextDocument(text="The people fled. Arland said it would guard the border.")

    async def work() -> None:
        scheduler = Scheduler(labeller, 100, 1.0)
        answer = asyncio.create_task(scheduler.label(list(labeller.sentences(document))))
        await asyncio.sleep(0)
        await asyncio.to_thread(scheduler.close)
        assert await answer == list(labeller.classify(document.text).sentences)

    run(work)


def test_requests_share_a_group_where_the_network_takes_many() -> None:
    slow = SlowLabeller()
    slow.together = 64
    groups: list[int] = []

    def label_counted(sentences: Iterable[Unlabelled]) -> Labelled:
        taken = list(sentences)
        groups.append(len(taken))
        return SlowLabeller.label_counted(slow, taken)

    slow.label_counted = label_counted  # type: ignore[method-assign]

    async def work() -> None:
        requests = [asyncio.create_task(scheduler.label(sentences(str(number), 2))) for number in range(41)]
        bad = asyncio.create_task(scheduler.label(sentences("bad", 1)))
        await asyncio.sleep(0.05)
        slow.gate.set()
        for number, request in enumerate(requests):
            assert [one.text for one in await request] == [str(number)] * 2
        with pytest.raises(ValueError, match="bad"):
            await bad
        assert max(groups) > 16

    with scheduling(slow) as scheduler:
        run(work)
