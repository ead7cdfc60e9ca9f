"""What a network has learned from before it is trained further."""

from pathlib import Path

from model.version import METRICS, RUN, Lineage


def seen_by(base: Path | None) -> frozenset[str]:
    """The documents that a run or checkpoint was trained on, and those that its own base was, and so on.

    Of a checkpoint only what a registry keeps beside it is known; of others nothing is.

    Args:
        base: the folder, or None.

    Raises:
        InputError: the record of a run is damaged.
    """
    seen: set[str] = set()
    visited: set[Path] = set()
    while base is not None and base not in visited and (run := _run_of(base)) is not None:
        visited.add(base)
        lineage = Lineage.read(run)
        seen.update(lineage.documents.get("train", ()))
        base = None if lineage.base is None else Path(lineage.base)
    return frozenset(seen)


def _run_of(folder: Path) -> Path | None:
    """Where the record of the finished run lies that made a run's or a checkpoint's network."""
    for place in (folder, folder.parent):
        if (place / RUN).is_file() and (place / METRICS).is_file():
            return place
    return None
