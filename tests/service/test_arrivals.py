import time
from collections.abc import Iterator
from threading import Event

import pytest

from model.prediction import TextDocument
from service.arrivals import Arrivals


def documents(*names: str) -> Iterator[TextDocument]:
    for name in names:
        yield TextDocument(id=name, text=name)


def test_what_comes_without_a_pause_comes_as_it_is() -> None:
    names = [str(number) for number in range(100)]
    assert [document and document.id for document in Arrivals(documents(*names))] == names
    assert list(Arrivals([])) == []


def test_a_pause_is_told_once() -> None:
    go_on = Event()

    def slow() -> Iterator[TextDocument]:
        yield from documents("a")
        go_on.wait(10)
        yield from documents("b")

    arriving = iter(Arrivals(slow()))
    assert getattr(next(arriving), "id", None) == "a"
    assert next(arriving) is None
    go_on.set()
    assert [document and document.id for document in arriving] == ["b"]


def test_an_error_comes_after_what_came_before() -> None:
    def broken() -> Iterator[TextDocument]:
        yield from documents("a", "b")
        raise ValueError("broken")

    arriving = iter(Arrivals(broken()))
    assert [getattr(next(arriving), "id", None) for _ in range(2)] == ["a", "b"]
    with pytest.raises(ValueError, match="broken"):
        next(arriving)


def test_little_is_read_ahead() -> None:
    taken = 0

    def endless() -> Iterator[TextDocument]:
        nonlocal taken
        while True:
            taken += 1
            yield TextDocument(id="a", text="a")

    next(iter(Arrivals(endless())))
    time.sleep(0.1)
    assert taken <= 20
