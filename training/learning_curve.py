"""Curves over the epochs of a training, as SVG."""

from collections.abc import Sequence
from typing import NamedTuple

from training.markup import Html, element, join

#: Sizes in pixels: the plot, and what is left free around it for the words.
_WIDTH, _HEIGHT, _LEFT, _TOP, _BELOW, _RIGHT = 420, 220, 52, 14, 44, 14
_LINES = 4


class Curve(NamedTuple):
    """One line: its name, and (epoch, value) in order of the epochs; ``kind`` is its class, which gives the colour."""

    name: str
    points: Sequence[tuple[float, float]]
    kind: str


def draw_curves(curves: Sequence[Curve], title: str, low: float = 0.0, high: float | None = None) -> Html:
    """Draw curves over the epochs, each point with its numbers in a tooltip.

    Args:
        curves: what to draw; those without points are left out.
        title: what they show.
        low: the value at the lower edge.
        high: the value at the upper edge; by default the highest of any curve.
    """
    shown = [curve for curve in curves if curve.points]
    epochs = max((epoch for curve in shown for epoch, _ in curve.points), default=1.0)
    top = high if high is not None else max((value for curve in shown for _, value in curve.points), default=1.0)
    top = top if top > low else low + 1
    frame = _Frame(max(epochs, 1.0), low, top)
    parts = [element("title", title), *frame.axes(), *(part for curve in shown for part in frame.curve(curve))]
    width, height = _LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + _BELOW
    return Html(f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">{join(parts)}</svg>')


class _Frame(NamedTuple):
    """Where values lie in the drawing."""

    epochs: float
    low: float
    high: float

    def x(self, epoch: float) -> float:
        return _LEFT + _WIDTH * epoch / self.epochs

    def y(self, value: float) -> float:
        return _TOP + _HEIGHT * (1 - (value - self.low) / (self.high - self.low))

    def axes(self) -> list[Html]:
        parts = []
        for number in range(_LINES + 1):
            value = self.low + (self.high - self.low) * number / _LINES
            parts += [
                _line(_LEFT, self.y(value), _LEFT + _WIDTH, self.y(value)),
                _word(f"{value:.2f}", _LEFT - 6, self.y(value) + 4, "end"),
            ]
        step = max(1, round(self.epochs / 10))
        for epoch in range(0, round(self.epochs) + 1, step):
            parts.append(_word(str(epoch), self.x(epoch), _TOP + _HEIGHT + 16, "middle"))
        return [*parts, _word("epoch", _LEFT + _WIDTH / 2, _TOP + _HEIGHT + 36, "middle")]

    def curve(self, curve: Curve) -> list[Html]:
        places = [(self.x(epoch), self.y(value)) for epoch, value in curve.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dots = [
            element(
                "circle",
                element("title", f"{curve.name}, epoch {epoch:g}: {value:.4f}"),
                cx=f"{x:.1f}",
                cy=f"{y:.1f}",
                r="3",
                class_=f"dot {curve.kind}",
            )
            for (epoch, value), (x, y) in zip(curve.points, places, strict=True)
        ]
        return [element("polyline", points=path, class_=f"curve {curve.kind}"), *dots]


def _line(x1: float, y1: float, x2: float, y2: float) -> Html:
    return Html(f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')


def _word(text: str, x: float, y: float, anchor: str) -> Html:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)
