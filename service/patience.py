"""When a request is tried again, and when it is given up."""

import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from service.errors import ServiceError

#: Seconds before the second try; each further wait is twice as long, up to the longest.
_FIRST = 0.5
_LONGEST = 20.0


class Patience:
    """How long requests are tried.

    Args:
        seconds: from a request's first try to its last.
        clock: tells seconds, from any start.
        sleep: waits for some seconds.
        jitter: draws a number between two, so that several clients do not come back at the same time.
    """

    def __init__(
        self,
        seconds: float = 120.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.seconds = seconds
        self.clock = clock
        self.sleep = sleep
        self.jitter = jitter

    def begin(self) -> "Tries":
        """Begin a request."""
        return Tries(self)


class Tries:
    """The tries of one request; made by ``Patience.begin``."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._deadline = patience.clock() + patience.seconds
        self._wait = _FIRST

    @property
    def remaining(self) -> float:
        """Seconds that are left."""
        return self._deadline - self._patience.clock()

    def pause(self, reason: str, least: float = 0.0) -> None:
        """Wait before the next try.

        Args:
            reason: why the last try failed.
            least: seconds that the service asks to wait.

        Raises:
            ServiceError: no time is left, or less than the service asks for.
        """
        left = self.remaining
        if left <= 0 or least > left:
            asked = f" and asks to wait {least:.0f} s" if least else ""
            raise ServiceError(
                f"{reason}{asked}; given up, with a patience of {self._patience.seconds:g} s. "
                "See that the service is well, or give more --patience"
            )
        wait = min(left, max(least, self._patience.jitter(self._wait / 2, self._wait)))
        self._wait = min(2 * self._wait, _LONGEST)
        self._patience.sleep(wait)


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that an answer asks to wait (RFC 9110, 10.2.3): 0 where it does not, or says so in no known form.

    A date is taken relative to the answer's own ``Date``, so that the clocks need not agree.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
        now = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.now(UTC)
        return max(0.0, (date - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0
