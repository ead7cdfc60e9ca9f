"""What networks have seen before they are trained further or compared, themselves or by way of a base or teacher."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from model.checkpoint import CONFIG, CheckpointConfig
from model.seen import SEEN, Seen
from model.version import METRICS, RUN, Lineage

_GONE = "a model that is no longer there"
_CONSEQUENCE = "if it has learned from documents that choose or measure here, figures on them prove nothing"


class Ancestry(NamedTuple):
    """What models and those that they were made from have seen.

    ``unknown`` are the folders of models of which nothing is known; ``seen`` names those that a record does not know.
    """

    seen: Seen
    unknown: tuple[Path, ...]

    @property
    def record(self) -> Seen:
        """What is passed on with a model: unknown ones by name and version, never by where they lie."""
        return self.seen | Seen(unknown=frozenset(map(_name, self.unknown)))

    def doubts(self) -> Iterator[str]:
        """One line a model of which it is not known what it was trained on."""
        for folder in self.unknown:
            yield (
                f"{folder}: what it was trained on is not known, since it has no {SEEN} and no finished run lies there "
                f"or in the folder around it; {_CONSEQUENCE}"
            )
        for name in sorted(self.seen.unknown):
            yield f"{name}, an ancestor of the base or the teacher: what it was trained on is not known; {_CONSEQUENCE}"


def trace(*models: Path | str | None) -> Ancestry:
    """What some models, their bases and teachers, and so on, have seen.

    A checkpoint or a run says it itself. Where those of earlier versions do not, the records of their runs are followed
    as far as they lie there.

    Args:
        models: the folders of runs or checkpoints, or None.

    Raises:
        InputError: the record of a checkpoint or a run is damaged.
    """
    seen = Seen()
    unknown: list[Path] = []
    visited: set[Path] = set()
    waiting = [*models]
    while waiting:
        model = waiting.pop(0)
        if model is None or (folder := Path(model).resolve()) in visited:
            continue
        visited.add(folder)
        run = _run_of(folder)
        own = Seen.read(folder)
        if own is None and run is not None:
            lineage = Lineage.read(run)
            own = lineage.seen
            waiting += [lineage.base, lineage.teacher]
        if own is None:
            unknown.append(folder)
        else:
            seen |= own
    return Ancestry(seen, tuple(unknown))


def _run_of(folder: Path) -> Path | None:
    """Where the record of the finished run lies that made a run's or a checkpoint's network."""
    for place in (folder, folder.parent):
        if (place / RUN).is_file() and (place / METRICS).is_file():
            return place
    return None


def _name(folder: Path) -> str:
    """The name and version of the model in a folder."""
    try:
        config = CheckpointConfig.model_validate_json((folder / CONFIG).read_bytes())
    except (OSError, ValidationError):
        return _GONE
    return f"{config.name} {config.version}"
