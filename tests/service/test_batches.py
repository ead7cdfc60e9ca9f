from collections.abc import Iterator
from contextlib import closing
from itertools import count
from threading import Event

import pytest

from model.prediction import TextDocument
from service.batches import Batches, BatchLimits

PATIENT = 60.0


def documents(*texts: str) -> list[TextDocument]:
    return [TextDocument(id=str(number), text=text) for number, text in enumerate(texts)]


def batched(given: list[TextDocument], **limits: int) -> list[list[str]]:
    with closing(Batches(given, BatchLimits(**limits, seconds=PATIENT))) as batches:
        return [[document.text for document in batch] for batch in batches]


def test_bounded_by_number_and_by_characters() -> None:
    assert batched([]) == []
    assert batched(documents(*"abcde"), documents=2) == [["a", "b"], ["c", "d"], ["e"]]
    assert batched(documents("aa", "bb", "c", "dddddd", "e"), characters=4) == [["aa", "bb"], ["c"], ["dddddd"], ["e"]]
    mentions = [TextDocument(text="a b", actors=("a", "b")), TextDocument(text="c")]
    assert batched(mentions, characters=5) == [["a b"], ["c"]]


def test_what_has_come_does_not_wait_for_what_has_not() -> None:
    answered = Event()

    def slow() -> Iterator[TextDocument]:
        yield TextDocument(id="a", text="a")
        assert answered.wait(PATIENT)
        yield TextDocument(id="b", text="b")

    with closing(Batches(slow(), BatchLimits(seconds=0.0))) as batches:
        iterator = iter(batches)
        assert [document.id for document in next(iterator)] == ["a"]
        answered.set()
        assert [document.id for document in next(iterator)] == ["b"]
        assert list(iterator) == []


def test_an_error_comes_after_what_came_before_it() -> None:
    def broken() -> Iterator[TextDocument]:
        yield from documents("a", "b", "c")
        raise ValueError("broken")

    taken = []
    with closing(Batches(broken(), BatchLimits(documents=2, seconds=PATIENT))) as batches, pytest.raises(ValueError):
        for batch in batches:
            taken.append([document.text for document in batch])
    assert taken == [["a", "b"], ["c"]]


def test_reads_only_a_little_ahead_and_stops() -> None:
    read = 0
    stopped = Event()

    def endless() -> Iterator[TextDocument]:
        nonlocal read
        try:
            for number in count():
                read = number
                yield TextDocument(text="a")
        finally:
            stopped.set()

    with closing(Batches(endless(), BatchLimits(documents=2, seconds=PATIENT))) as batches:
        iterator = iter(batches)
        next(iterator)
    assert stopped.wait(PATIENT)
    assert read < 40
    assert len(list(iterator)) <= 1
