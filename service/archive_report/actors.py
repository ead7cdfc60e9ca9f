"""The actors named most, how they are treated and where, and the frames in which they stand."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.archive_report.shares import Share, measure
from service.archive_report.tables import DOCUMENT, Tables, quoted

SHOWN = 15
OUTLETS_SHOWN = 8


class Actors(NamedTuple):
    """Shares for the actors of ``names``; a group's first part is an actor's place in them.

    ``by_outlet`` has the outlet's place in ``outlets`` as the second part.
    """

    names: list[str]
    stances: list[Share]
    by_outlet: list[Share]
    frames: list[Share]
    outlets: list[str]
    more: int
    """Actors (and mentions that are no known actor's) beyond those."""


def describe_actors(tables: Tables, known: Mapping[str, str], outlets: Sequence[str]) -> Actors | None:
    """Count stances by actor, by actor and outlet, and frames by actor; None if nobody is named.

    Args:
        tables: the opened archive.
        known: actors' names by id; an actor that is not among them is called by its id.
        outlets: names of outlets, most frequent first.
    """
    database = tables.database
    rows = database.execute(
        "SELECT actor, CASE WHEN actor IS NULL THEN mention END AS mention, count(*) AS mentions, "
        "count(*) OVER () AS actors FROM stances GROUP BY 1, 2 ORDER BY mentions DESC, actor, mention "
        f"LIMIT {SHOWN}"
    ).fetchall()
    if not rows:
        return None
    database.execute("CREATE TABLE shown_actors (place INTEGER, actor VARCHAR, mention VARCHAR)")
    database.executemany("INSERT INTO shown_actors VALUES (?, ?, ?)", [(i, *row[:2]) for i, row in enumerate(rows)])
    _collect(tables)
    shown = list(outlets[:OUTLETS_SHOWN])
    by_outlet = _by_outlet(tables) if shown else []
    return Actors(
        _names([(row[0], row[1]) for row in rows], known),
        measure(database, "actor_stances", len(tables.manifest.stances), ["place"]),
        by_outlet,
        measure(database, "actor_frames", len(tables.manifest.frames), ["place"]),
        shown,
        rows[0][3] - len(rows),
    )


def _collect(tables: Tables) -> None:
    database, manifest = tables.database, tables.manifest
    database.execute(
        f"CREATE TABLE named AS SELECT place, sentence_id, {DOCUMENT} AS key, stance FROM stances JOIN shown_actors "
        "ON stances.actor IS NOT DISTINCT FROM shown_actors.actor "
        "AND CASE WHEN stances.actor IS NULL THEN stances.mention END IS NOT DISTINCT FROM shown_actors.mention"
    )
    stances = "".join(f", count(*) FILTER (stance = ?) AS y{i}" for i in range(len(manifest.stances)))
    database.execute(
        f"CREATE TABLE actor_stances AS SELECT place, key, count(*) AS n{stances} FROM named GROUP BY place, key",
        [stance.id for stance in manifest.stances],
    )
    frames = "".join(f", sum(CAST({quoted(frame.id)} AS INTEGER)) AS y{i}" for i, frame in enumerate(manifest.frames))
    database.execute(
        f"CREATE TABLE actor_frames AS SELECT once.place, once.key, count(*) AS n{frames} "
        "FROM (SELECT DISTINCT place, key, sentence_id FROM named) AS once JOIN sentences USING (sentence_id) "
        "GROUP BY 1, 2"
    )


def _by_outlet(tables: Tables) -> list[Share]:
    units = (
        "(SELECT actor_stances.* EXCLUDE (place), "
        "actor_stances.place AS actor_place, shown_outlets.place AS outlet_place "
        "FROM actor_stances JOIN documents USING (key) JOIN shown_outlets USING (outlet) "
        f"WHERE shown_outlets.place < {OUTLETS_SHOWN})"
    )
    return measure(tables.database, units, len(tables.manifest.stances), ["actor_place", "outlet_place"])


def _names(rows: Sequence[tuple[str | None, str | None]], known: Mapping[str, str]) -> list[str]:
    names = [str(mention) if actor is None else known.get(actor, actor) for actor, mention in rows]
    taken = {name for name, (actor, _) in zip(names, rows, strict=True) if actor is not None}
    return [
        f"“{name}” (not in the codebook)" if actor is None and name in taken else name
        for name, (actor, _) in zip(names, rows, strict=True)
    ]
