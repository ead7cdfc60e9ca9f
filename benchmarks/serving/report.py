"""Figures, the floors they have to reach, and how both are shown."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

from rich.table import Table


class Floor(NamedTuple):
    """What a figure has to reach; with ``other``, the ratio of the two."""

    relation: Literal["≥", "≤"]
    bound: float

    def holds(self, value: float) -> bool:
        """Whether a value reaches it."""
        return value >= self.bound if self.relation == "≥" else value <= self.bound


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured figure.

    Args:
        part: the part of the benchmark that measured it.
        name: what it is, with its unit.
        value: Frameline's.
        other: what it is compared with (the peer's, or that of another moment); a floor is then one of the ratio.
        floor: None for what is only reported.
    """

    part: str
    name: str
    value: float
    other: float | None = None
    floor: Floor | None = None

    @property
    def ratio(self) -> float | None:
        """The value in units of the other."""
        if self.other is None:
            return None
        return self.value / self.other if self.other else math.inf

    @property
    def passed(self) -> bool | None:
        """Whether it reaches its floor; None where it has none."""
        if self.floor is None:
            return None
        return self.floor.holds(self.value if self.ratio is None else self.ratio)


def to_json(figure: Figure) -> dict[str, Any]:
    """The figure with its ratio and its result; null for what is not finite, which JSON does not have."""
    content = {**asdict(figure), "ratio": figure.ratio}
    content = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in content.items()
    }
    return {**content, "passed": figure.passed}


def to_table(figures: Sequence[Figure], title: str) -> Table:
    """One row a figure."""
    table = Table("Part", "Figure", title=title)
    for column in ("Value", "Against", "Ratio", "Floor", "Result"):
        table.add_column(column, justify="right")
    part = None
    for figure in figures:
        if part not in (None, figure.part):
            table.add_section()
        floor = "" if figure.floor is None else f"{figure.floor.relation} {_show(figure.floor.bound)}"
        result = {None: "", True: "[green]pass[/green]", False: "[red]FAIL[/red]"}[figure.passed]
        shown = "" if part == figure.part else figure.part
        table.add_row(shown, figure.name, *map(_show, (figure.value, figure.other, figure.ratio)), floor, result)
        part = figure.part
    return table


def _show(value: float | None) -> str:
    if value is None:
        return ""
    if not math.isfinite(value):
        return "none"
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
