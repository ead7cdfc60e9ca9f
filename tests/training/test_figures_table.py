import io

import pytest
from rich.box import SIMPLE_HEAD
from rich.console import Console

from training.figures_table import figures_table

HEADINGS = ("Label", "Precision", "Recall", "F1", "95 % interval", "Support")
FIGURES = ("0.123", "0.456", "0.789", "0.842 to 1.000", "12,345")
NAME = "economic_consequences_of_sanctions"


def printed(width: int, headings: tuple[str, ...], *row: str) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    table = figures_table(console, "Frames", headings, SIMPLE_HEAD)
    table.add_row(*row)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_figure_is_cut_and_every_name_is_whole(width: int) -> None:
    lines = printed(width, HEADINGS, NAME, *FIGURES)
    assert max(map(len, lines)) <= width
    (row,) = (line for line in lines if FIGURES[0] in line)
    assert row.split()[1:] == " ".join(FIGURES).split()
    assert "…" not in "".join(lines)
    below = lines[lines.index(row) :]
    assert "".join(line.split()[0] for line in below if line.strip()) == NAME


def test_lines_stand_between_the_cells_where_there_is_room() -> None:
    assert any("───" in line for line in printed(120, HEADINGS, NAME, *FIGURES))
    assert not any("───" in line for line in printed(80, HEADINGS, NAME, *FIGURES))
