from collections.abc import Iterator
from itertools import count, islice
from threading import Barrier, Event

import pytest

from service.parallel import in_order


def test_order_is_kept_whoever_is_done_first() -> None:
    second = Event()

    def work(item: int) -> int:
        if item == 0:
            assert second.wait(10)
        else:
            second.set()
        return item * 10

    assert list(in_order(work, range(50), threads=4)) == [item * 10 for item in range(50)]


def test_several_are_worked_on_at_a_time() -> None:
    together = Barrier(3)
    assert list(in_order(lambda item: together.wait(10) >= 0, range(6), threads=3)) == [True] * 6


def test_a_result_does_not_wait_for_the_next_item() -> None:
    taken = Event()

    def items() -> Iterator[int]:
        yield 1
        assert taken.wait(10)
        yield 2

    results = in_order(lambda item: item, items(), threads=2)
    assert next(results) == 1
    taken.set()
    assert list(results) == [2]


def test_items_are_taken_only_as_results_are() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for item in count():
            taken = item
            yield item

    results = in_order(lambda item: item, items(), threads=2)
    assert list(islice(results, 100)) == list(range(100))
    results.close()
    assert taken <= 105


def test_errors_come_in_their_place() -> None:
    def work(item: int) -> float:
        return 1 / (3 - item)

    def items() -> Iterator[int]:
        yield 0
        raise KeyError("items")

    results = in_order(work, range(9), threads=2)
    assert [next(results) for _ in range(3)] == [1 / 3, 1 / 2, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)
    broken = in_order(work, items(), threads=2)
    assert next(broken) == 1 / 3
    with pytest.raises(KeyError):
        next(broken)
