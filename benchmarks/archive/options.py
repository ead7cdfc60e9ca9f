"""What a run of the benchmark is told."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a run.

    Args:
        corpus: JSON Lines of ``{"id", "text"}``.
        folder: for archives and tables; a run of a million sentences needs about 1 GB there.
        sentences: of the largest archive.
        rounds: how often what is compared takes turns.
        kills: how many runs are killed.
        seed: of all that is drawn by chance.
    """

    corpus: Path
    folder: Path
    sentences: int
    rounds: int
    kills: int
    seed: int
