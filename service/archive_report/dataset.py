"""The figures behind one plot or table, which are written as CSV, too."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

Cell = str | int | float | None
#: What a spreadsheet takes the rest of a cell for a formula after.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Column(NamedTuple):
    """A column: its name in the CSV, what it is called on the page, and whether its figures are shares (0 to 1)."""

    name: str
    title: str
    is_share: bool = False


class Dataset(NamedTuple):
    """A table of figures; shares and bounds are between 0 and 1."""

    name: str
    about: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]

    def write(self, folder: Path) -> None:
        """Write ``NAME.csv`` into ``folder``; a figure that is not known is an empty cell.

        Texts that a spreadsheet would take for a formula begin with an apostrophe: they come from the archive, which
        may be anybody's (OWASP, CSV injection).
        """
        with (folder / f"{self.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(column.name for column in self.columns)
            writer.writerows([_written(cell) for cell in row] for row in self.rows)


def _written(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return f"{cell:.6g}" if isinstance(cell, float) else cell
