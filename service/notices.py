"""What a person should know while work goes on."""

from collections.abc import Callable
from threading import Lock


class Notices:
    """Passes each message on once, whatever thread it comes from."""

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify
        self._told: set[str] = set()
        self._lock = Lock()

    def tell(self, message: str) -> None:
        """Pass a message on, unless it has been."""
        with self._lock:
            if message not in self._told:
                self._told.add(message)
                self._notify(message)
