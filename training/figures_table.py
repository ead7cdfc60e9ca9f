"""A table of labels and their figures for a terminal, in which no figure is cut."""

from collections.abc import Sequence

from rich.box import HEAVY_HEAD, Box
from rich.console import Console
from rich.table import Table

#: Columns from which there is room for lines between the cells.
_LINED = 90


def figures_table(console: Console, title: str, headings: Sequence[str], box: Box = HEAVY_HEAD) -> Table:
    """An empty table whose first column names what the figures in the others are of.

    Where the console is too narrow, the lines between the cells go first; then names are folded.

    Args:
        console: where the table is to be printed.
        title: what the table shows; rich's markup is read.
        headings: one a column.
        box: the lines, where there is room for them.
    """
    lined = console.width >= _LINED
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box if lined else None,
        padding=(0, 1) if lined else (0, 1, 0, 0),
        pad_edge=lined,
    )
    name, *figures = headings
    table.add_column(name, overflow="fold")
    for heading in figures:
        table.add_column(heading, justify="right", no_wrap=True)
    return table
