"""What all streams share."""

from collections.abc import Callable

from service.labelling import unavailable
from service.scheduler import Scheduler
from service.settings import ServiceSettings


class Streams:
    """Counts the streams that are open.

    Args:
        scheduler: labels the sentences.
        settings: the limits.
        stopping: whether the service is stopping.
    """

    def __init__(self, scheduler: Scheduler, settings: ServiceSettings, stopping: Callable[[], bool]) -> None:
        self.scheduler = scheduler
        self.settings = settings
        self.stopping = stopping
        self.open = 0

    def check(self) -> None:
        """Check that one more may be opened.

        Raises:
            ProblemError: 503 if not.
        """
        if self.stopping():
            raise unavailable("the service is stopping", 5)
        if self.open >= self.settings.max_streams:
            raise unavailable(f"{self.open} streams are open already", 1)
