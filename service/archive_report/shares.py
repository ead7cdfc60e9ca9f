"""Shares of labels in groups of documents, with their intervals."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from duckdb import DuckDBPyConnection

from service.archive_report.interval import Sums, interval


class Share(NamedTuple):
    """How often one label occurs in one group.

    ``calibrated`` is the mean of the label's probabilities, None where there are none.
    """

    group: tuple[Any, ...]
    label: int
    documents: int
    total: int
    hits: int
    bounds: tuple[float, float] | None
    calibrated: float | None

    @property
    def share(self) -> float:
        """Decided hits over all, from 0 to 1."""
        return self.hits / self.total

    @property
    def low(self) -> float | None:
        """The interval's lower bound."""
        return None if self.bounds is None else self.bounds[0]

    @property
    def high(self) -> float | None:
        """The interval's upper bound."""
        return None if self.bounds is None else self.bounds[1]


def measure(
    database: DuckDBPyConnection,
    units: str,
    labels: int,
    groups: Sequence[str] = (),
    *,
    calibrated: bool = False,
) -> list[Share]:
    """The share of each label in each group, ordered by group, then by label.

    Args:
        database: where ``units`` are.
        units: SQL of a table with one row a document (and group): its observations ``n``, the hits ``y0``, ``y1``, …
            of each label among them and, if ``calibrated``, the sums of probabilities ``q0``, ``q1``, …
        labels: how many labels.
        groups: columns of ``units`` to group by.
        calibrated: whether there are probabilities.
    """
    sums = ", ".join(
        f"sum(y{i}), sum(y{i} * y{i}), sum(y{i} * n), {f'sum(q{i})' if calibrated else 'NULL'}" for i in range(labels)
    )
    names = "".join(f"{name}, " for name in groups)
    tail = f"GROUP BY {', '.join(groups)} ORDER BY {', '.join(groups)}" if groups else ""
    rows = database.execute(f"SELECT {names}count(*), sum(n), sum(n * n), {sums} FROM {units} {tail}")
    return [share for row in rows.fetchall() if row[len(groups) + 1] for share in _shares(row, len(groups), labels)]


def _shares(row: tuple[Any, ...], groups: int, labels: int) -> list[Share]:
    documents, total, squared = (int(value) for value in row[groups : groups + 3])
    shares = []
    for label in range(labels):
        at = groups + 3 + 4 * label
        hits, hits_squared, products = (int(value) for value in row[at : at + 3])
        bounds = interval(Sums(documents, total, hits, hits_squared, products, squared))
        calibrated = None if row[at + 3] is None else float(row[at + 3]) / total
        shares.append(Share(row[:groups], label, documents, total, hits, bounds, calibrated))
    return shares
