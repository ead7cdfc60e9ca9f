import pytest

from service.moving_window import MovingWindow
from service.rate import Rate


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_no_stretch_of_the_rates_length_has_more(clock: Clock) -> None:
    window = MovingWindow(Rate(5, 10), clock)
    taken = []
    for _ in range(400):
        clock.now += 0.37
        if window.take("a").is_taken:
            taken.append(clock.now)
    assert all(later - earlier >= 10 for earlier, later in zip(taken, taken[5:], strict=False))
    assert len(taken) >= 5 * 14


def test_what_was_refused_does_not_count(clock: Clock) -> None:
    window = MovingWindow(Rate(1, 60), clock)
    assert window.take("a") == (True, 0, 60)
    for number in range(1, 7):
        clock.now += 9
        assert window.take("a") == (False, 0, 60 - 9 * number)
    clock.now += 6
    assert window.take("a").is_taken


def test_who_has_not_asked_for_long_is_forgotten(clock: Clock) -> None:
    window = MovingWindow(Rate(2, 60), clock)
    for number in range(1_000):
        window.take(number)
    clock.now += 30
    window.take(0)
    assert len(window) == 1_000
    clock.now += 30
    assert not window.take(0).remaining  # its second request still counts
    assert len(window) == 1
    clock.now += 60
    assert window.take(1) == (True, 1, 60)
    assert len(window) == 1
