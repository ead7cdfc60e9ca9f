"""What a run of the benchmark is told."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a run.

    Args:
        seconds: how long a load lasts; the overload lasts three times as long.
        infinity_venv: the peer's virtual environment.
        bodies: how many mutated bodies are sent.
    """

    seconds: float
    infinity_venv: Path
    bodies: int
