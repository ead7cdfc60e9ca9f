"""What workers of a Ray cluster say while they are at their shards, kept until the driver asks for it."""

from typing import NamedTuple


class News(NamedTuple):
    """What was said since the last time.

    ``started`` workers; shards that were ``begun``, once each time; the last ``counts`` of each shard.
    """

    started: int
    begun: list[int]
    counts: dict[int, dict[str, int]]


class Board:
    """Becomes an actor, whose methods are then called from anywhere; what is lost with it only delays the progress."""

    def __init__(self) -> None:
        self._news = News(0, [], {})

    def start(self) -> None:
        """Note that a worker starts."""
        self._news = self._news._replace(started=self._news.started + 1)

    def begin(self, shard: int) -> None:
        """Note that a worker begins a shard, maybe once more."""
        self._news.begun.append(shard)
        self._news.counts.pop(shard, None)

    def tell(self, shard: int, counts: dict[str, int]) -> None:
        """Note how far a shard is."""
        self._news.counts[shard] = counts

    def take(self) -> News:
        """What was said since this was last called."""
        news, self._news = self._news, News(0, [], {})
        return news
