"""Counting what callers did lately."""

import time
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

from service.rate import Rate


class Quota(NamedTuple):
    """Whether a request was taken, how many more would be, and the seconds until the oldest one counts no longer."""

    is_taken: bool
    remaining: int
    seconds: float


class MovingWindow:
    """Takes requests at a rate: of each caller, in any stretch as long as the rate's, no more than its count.

    What was refused does not count, and a caller is forgotten when nothing that it did counts any longer.

    Args:
        rate: how many requests in how long.
        clock: the time in seconds.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._taken: OrderedDict[Hashable, list[float]] = OrderedDict()  # first the caller that was idle longest

    def __len__(self) -> int:
        return len(self._taken)

    def take(self, caller: Hashable) -> Quota:
        """Take a request of a caller, or refuse it."""
        now = self._clock()
        self._forget(now - self._rate.seconds)
        taken = self._taken.setdefault(caller, [])
        del taken[: bisect_right(taken, now - self._rate.seconds)]
        is_taken = len(taken) < self._rate.requests
        if is_taken:
            taken.append(now)
            self._taken.move_to_end(caller)
        return Quota(is_taken, self._rate.requests - len(taken), taken[0] + self._rate.seconds - now)

    def _forget(self, until: float) -> None:
        while self._taken and next(iter(self._taken.values()))[-1] <= until:
            self._taken.popitem(last=False)
