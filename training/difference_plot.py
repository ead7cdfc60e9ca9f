"""Differences with their intervals, one below the other, as SVG."""

from collections.abc import Sequence
from typing import NamedTuple

from training.markup import Html, element, escape, join

#: Sizes in pixels: a row, the words at the left, the plot, and the space around it.
_ROW, _WORDS, _PLOT, _EDGE = 26, 230, 420, 16
#: The least that the axis shows on either side.
_LEAST = 0.1


class Row(NamedTuple):
    """A difference with its interval; ``kind`` is ``worse``, ``better`` or empty."""

    name: str
    value: float
    low: float
    high: float
    kind: str


def draw_differences(rows: Sequence[Row], title: str) -> Html:
    """Draw a dot and an interval a row, against a line at 0; left of it is worse.

    The colours come from the page (classes ``worse``, ``better``, ``plain``, ``grid`` and ``zero``).
    """
    reach = max([_LEAST, *(abs(bound) for row in rows for bound in (row.low, row.high))]) * 1.05
    height = _ROW * (len(rows) + 1) + _EDGE
    bottom = _ROW * len(rows) + _EDGE / 2
    middle = _WORDS + _PLOT / 2

    def x(value: float) -> float:
        return middle + _PLOT / 2 * value / reach

    parts = [
        element("title", title),
        Html(f'<line class="zero" x1="{middle}" x2="{middle}" y1="4" y2="{bottom:.1f}"/>'),
    ]
    for share in (-1.0, -0.5, 0.5, 1.0):
        place = x(share * reach / 1.05)
        parts.append(Html(f'<line class="grid" x1="{place:.1f}" x2="{place:.1f}" y1="4" y2="{bottom:.1f}"/>'))
        parts.append(_word(f"{share * reach / 1.05:+.2f}", place, bottom + 16, "middle"))
    parts.append(_word("0", middle, bottom + 16, "middle"))
    for number, row in enumerate(rows):
        y = _EDGE / 2 + _ROW * (number + 0.5)
        kind = row.kind or "plain"
        parts += [
            _word(row.name, _WORDS - 12, y + 4, "end"),
            Html(f'<line class="{kind}" x1="{x(row.low):.1f}" x2="{x(row.high):.1f}" y1="{y}" y2="{y}"/>'),
            Html(f'<circle class="{kind}" cx="{x(row.value):.1f}" cy="{y}" r="5"/>'),
        ]
    width = _WORDS + _PLOT + _EDGE * 2
    return Html(f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">{join(parts)}</svg>')


def _word(text: str, x: float, y: float, anchor: str) -> Html:
    return Html(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>')
