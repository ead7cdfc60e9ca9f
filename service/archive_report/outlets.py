"""Frames by outlet."""

from typing import NamedTuple

from service.archive_report.shares import Share, measure
from service.archive_report.tables import Tables, one_row

SHOWN = 20


class Outlets(NamedTuple):
    """Shares by outlet, the outlets with most sentences first."""

    names: list[str]
    shares: list[Share]
    more: int
    """Outlets beyond those."""
    unnamed: int
    """Documents without outlet."""


def compare(tables: Tables) -> Outlets | None:
    """Count frames by outlet; None if no document names one."""
    if tables.outlet is None:
        return None
    database = tables.database
    names = [
        row[0]
        for row in database.execute(
            "SELECT outlet FROM documents WHERE outlet IS NOT NULL GROUP BY outlet ORDER BY sum(n) DESC, outlet "
            f"LIMIT {SHOWN}"
        ).fetchall()
    ]
    if not names:
        return None
    database.execute("CREATE OR REPLACE TABLE shown_outlets (place INTEGER, outlet VARCHAR)")
    database.executemany("INSERT INTO shown_outlets VALUES (?, ?)", list(enumerate(names)))
    units = "(SELECT * FROM documents JOIN shown_outlets USING (outlet))"
    shares = measure(database, units, len(tables.manifest.frames), ["place"], calibrated=True)
    query = "SELECT count(DISTINCT outlet), count(*) FILTER (outlet IS NULL) FROM documents"
    outlets, unnamed = one_row(database, query)
    return Outlets(names, shares, outlets - len(names), unnamed)
