"""Shares of actors across outlets or frames, as a table whose cells are tinted."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from service.archive_report.actors import Actors
from service.archive_report.charts import frame_colour
from service.archive_report.manifest import Manifest
from service.archive_report.shares import Share

FEW = 10
"""Under so many observations, a cell is shown pale."""


class Entry(NamedTuple):
    """A cell: a share of ``total`` observations, and the colour of what is shared."""

    share: float
    tint: float
    """The share's part of the highest in the table."""
    hits: int
    total: int
    colour: str
    few: bool


class Matrix(NamedTuple):
    """Rows of actors; a cell is None where there is nothing to count."""

    title: str
    about: str
    columns: list[str]
    rows: list[tuple[str, list[Entry | None]]]


def across_outlets(actors: Actors, manifest: Manifest) -> Matrix | None:
    """How often each outlet treats each actor in the least friendly way: ``critical`` if there is one, or the last."""
    if not actors.by_outlet:
        return None
    ids = [stance.id for stance in manifest.stances]
    stance = ids.index("critical") if "critical" in ids else len(ids) - 1
    shares = [share for share in actors.by_outlet if share.label == stance]
    colour, top = f"var(--stance-{'first' if stance == 0 else 'last'})", _top(shares)
    cells: dict[tuple[int, ...], Entry] = {share.group: _entry(share, top, colour) for share in shares}
    name = manifest.stances[stance].name
    title = "Who is criticised by whom" if ids[stance] == "critical" else f"{name}: who by whom"
    about = f"Share of “{name}” among an outlet’s mentions of an actor"
    return Matrix(title, about, actors.outlets, _rows(actors, cells, len(actors.outlets)))


def across_frames(actors: Actors, manifest: Manifest) -> Matrix:
    """How often the sentences that name an actor have each frame."""
    top = _top(actors.frames)
    cells: dict[tuple[int, ...], Entry] = {
        (share.group[0], share.label): _entry(share, top, frame_colour(share.label)) for share in actors.frames
    }
    columns = [frame.name for frame in manifest.frames]
    return Matrix("", "Share of an actor’s sentences with each frame", columns, _rows(actors, cells, len(columns)))


def _top(shares: Iterable[Share]) -> float:
    """The highest share of those that rest on enough."""
    return max((share.share for share in shares if share.total >= FEW), default=0.0) or 1.0


def _entry(share: Share, top: float, colour: str) -> Entry:
    return Entry(share.share, min(1.0, share.share / top), share.hits, share.total, colour, share.total < FEW)


def _rows(actors: Actors, cells: Mapping[tuple[int, ...], Entry], width: int) -> list[tuple[str, list[Entry | None]]]:
    return [(name, [cells.get((i, j)) for j in range(width)]) for i, name in enumerate(actors.names)]
