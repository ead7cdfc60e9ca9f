"""A request's way through the queue."""

from typing import NamedTuple


class Passage(NamedTuple):
    """When sentences entered the queue, when the first was taken (0 if none was), and when they left.

    Times are nanoseconds since 1970.
    """

    sentences: int
    entered: int
    taken: int
    left: int

    @property
    def waited(self) -> float:
        """Seconds until the first sentence was taken."""
        return ((self.taken or self.left) - self.entered) / 1e9
