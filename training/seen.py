"""What a network has learned from before it is trained further, itself or by way of a teacher."""

from pathlib import Path
from typing import NamedTuple

from model.version import METRICS, RUN, Lineage


class Ancestry(NamedTuple):
    """The training runs of models and of what these were made from; ``unknown`` are the models without a run."""

    lineages: tuple[Lineage, ...]
    unknown: tuple[Path, ...]

    @property
    def seen(self) -> frozenset[str]:
        """The documents that were trained on."""
        return frozenset(name for lineage in self.lineages for name in lineage.documents.get("train", ()))


def trace(*models: Path | str | None) -> Ancestry:
    """The runs of some models, of their bases and teachers, and so on.

    Of a checkpoint only what a registry keeps beside it is known; of others nothing is.

    Args:
        models: the folders of runs or checkpoints, or None.

    Raises:
        InputError: the record of a run is damaged.
    """
    lineages: dict[Path, Lineage] = {}
    unknown: dict[Path, None] = {}
    waiting = [*models]
    while waiting:
        model = waiting.pop(0)
        if model is None or (folder := Path(model).resolve()) in lineages:
            continue
        run = _run_of(folder)
        if run is None:
            unknown[folder] = None
            continue
        lineages[folder] = Lineage.read(run)
        waiting += [lineages[folder].base, lineages[folder].teacher]
    return Ancestry(tuple(lineages.values()), tuple(unknown))


def _run_of(folder: Path) -> Path | None:
    """Where the record of the finished run lies that made a run's or a checkpoint's network."""
    for place in (folder, folder.parent):
        if (place / RUN).is_file() and (place / METRICS).is_file():
            return place
    return None
