"""A reliability diagram, as SVG."""

from collections.abc import Sequence

from training.calibration_error import BINS, Bin
from training.markup import Html, element, join

#: Sizes in pixels: the plot, and what is left free around it for the words.
_PLOT, _LEFT, _TOP, _BELOW, _RIGHT = 280, 46, 34, 44, 12
_DOT = 3.0, 9.0
#: Pixels above a diagram of several for its title.
_HEADING = 30
#: How a diagram looks where no page gives it colours.
_STYLE = """
text { font: 12px sans-serif; fill: #333; } .paper { fill: #fff; } .grid { stroke: #ddd; stroke-width: .5; }
.diagonal { stroke: #888; stroke-dasharray: 4 4; } .gap { stroke: #c2410c; stroke-width: 2; }
.dot { fill: #1d4ed8; fill-opacity: .85; }
"""


def draw_reliability(bins: Sequence[Bin], title: str) -> Html:
    """Draw a dot a bin, at its mean probability and the share that came true, against the diagonal.

    A dot's area grows with the count, which also stands above the plot; a line shows the dot's distance from
    the diagonal. The colours come from the page (classes ``grid``, ``diagonal``, ``gap`` and ``dot``).
    """
    width, height = _LEFT + _PLOT + _RIGHT, _TOP + _PLOT + _BELOW
    most = max((inside.size for inside in bins), default=0)
    parts = [
        element("title", title),
        *_axes(),
        _line(_x(0), _y(0), _x(1), _y(1), "diagonal"),
        *(_count(inside) for inside in bins),
        *(part for inside in bins if inside.size for part in _dot(inside, most)),
    ]
    return Html(f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">{join(parts)}</svg>')


def draw_reliabilities(diagrams: Sequence[tuple[str, Sequence[Bin]]]) -> str:
    """Draw several diagrams, (title, bins) each, side by side, as an SVG file that stands alone."""
    width, height = _LEFT + _PLOT + _RIGHT, _TOP + _PLOT + _BELOW
    parts: list[Html] = [element("style", _STYLE), Html('<rect class="paper" width="100%" height="100%"/>')]
    for number, (title, bins) in enumerate(diagrams):
        heading = _word(title, _x(0.5), -8, "middle")
        inside = join((heading, draw_reliability(bins, title)))
        parts.append(Html(f'<g transform="translate({number * width} {_HEADING})">{inside}</g>'))
    size = f'width="{width * len(diagrams)}" height="{height + _HEADING}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{join(parts)}</svg>\n'


def _x(value: float) -> float:
    return _LEFT + _PLOT * value


def _y(value: float) -> float:
    return _TOP + _PLOT * (1 - value)


def _axes() -> list[Html]:
    parts = []
    for number in range(BINS + 1):
        value = number / BINS
        parts += [_line(_x(value), _y(0), _x(value), _y(1), "grid"), _line(_x(0), _y(value), _x(1), _y(value), "grid")]
        if number % 2 == 0:
            parts.append(_word(f"{value:.1f}", _x(value), _y(0) + 15, "middle"))
            parts.append(_word(f"{value:.1f}", _x(0) - 6, _y(value) + 4, "end"))
    middle = _y(0.5)
    return [
        *parts,
        _word("mean probability", _x(0.5), _y(0) + 34, "middle"),
        Html(
            f'<text x="12" y="{middle:.1f}" text-anchor="middle" transform="rotate(-90 12 {middle:.1f})">'
            "share annotated</text>"
        ),
        _word("n", _x(0) - 6, _TOP - 10, "end"),
    ]


def _count(inside: Bin) -> Html:
    return _word(str(inside.size), _x((inside.low + inside.high) / 2), _TOP - 10, "middle")


def _dot(inside: Bin, most: int) -> tuple[Html, Html]:
    least, largest = _DOT
    x, y = _x(inside.probability), _y(inside.share)
    radius = least + (largest - least) * (inside.size / most) ** 0.5
    told = f"{inside.low:.1f} to {inside.high:.1f}: n={inside.size}, {inside.probability:.3f} and {inside.share:.3f}"
    dot = element("circle", element("title", told), cx=f"{x:.1f}", cy=f"{y:.1f}", r=f"{radius:.1f}", class_="dot")
    return _line(x, y, x, _y(inside.probability), "gap"), dot


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Html:
    return Html(f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')


def _word(text: str, x: float, y: float, anchor: str) -> Html:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)
