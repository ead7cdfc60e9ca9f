import pytest

from service.errors import ServiceError
from service.patience import Patience, retry_after


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def patience(self, seconds: float = 120.0) -> Patience:
        return Patience(seconds, clock=lambda: self.now, sleep=self.sleep, jitter=lambda least, most: most)


def test_waits_grow_and_the_last_try_is_at_the_end() -> None:
    time = Time()
    tries = time.patience(10).begin()
    with pytest.raises(ServiceError, match="^down; given up, with a patience of 10 s"):
        while True:
            tries.pause("down")
    assert time.slept == [0.5, 1, 2, 4, 2.5]
    assert tries.remaining == 0


def test_waits_have_a_longest() -> None:
    time = Time()
    tries = time.patience(1_000).begin()
    for _ in range(10):
        tries.pause("down")
    assert time.slept[-3:] == [20, 20, 20]


def test_the_service_may_ask_for_more_but_not_for_more_than_there_is() -> None:
    time = Time()
    tries = time.patience(60).begin()
    tries.pause("busy", 30)
    tries.pause("busy", 0.25)
    assert time.slept == [30, 1]
    with pytest.raises(ServiceError, match="busy and asks to wait 30 s; given up"):
        tries.pause("busy", 30)


def test_jitter_draws_between_half_and_all() -> None:
    drawn: list[tuple[float, float]] = []

    def draw(least: float, most: float) -> float:
        drawn.append((least, most))
        return least

    tries = Patience(9, clock=lambda: 0, sleep=lambda _: None, jitter=draw).begin()
    tries.pause("x")
    tries.pause("x")
    assert drawn == [(0.25, 0.5), (0.5, 1)]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-7"}, 0),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "²"}, 0),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "Sun, 06 Nov 1994 08:49:07 GMT"}, 30),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "Sun, 06 Nov 1994 08:50:07 GMT"}, 0),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", "date": "yesterday"}, 0),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(headers: dict[str, str], seconds: float) -> None:
    assert retry_after(headers) == seconds
