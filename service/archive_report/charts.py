"""The plots, as Vega-Lite specifications made by Altair.

Colours are the page's CSS variables, so that a plot follows light, dark and print as everything else on the page.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import altair as alt

from service.archive_report.timeline import Timeline

_FRAME_COLOURS = 6
_FRAME_DASHES = ((1, 0), (9, 3), (2, 3), (9, 3, 2, 3), (14, 4), (5, 3, 5, 3, 2, 3))
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
_PERIOD_FORMATS = {"day": "%-d %b %Y", "week": "week of %-d %b %Y", "month": "%B %Y", "year": "%Y"}

Spec = dict[str, Any]
Row = dict[str, Any]


def frame_colour(number: int) -> str:
    """The colour of a frame by its place in the codebook, as on the service's page."""
    return f"var(--frame-{number % _FRAME_COLOURS})"


def frame_dash(number: int) -> list[int]:
    """The dashes of a frame's line by its place in the codebook: pixels drawn and left free in turn."""
    return list(_FRAME_DASHES[number % _FRAME_COLOURS])


def stance_colours(count: int) -> list[str]:
    """From the first stance's colour over a pale grey to the last one's."""
    middle = "color-mix(in srgb, var(--stance-between) 30%, var(--paper))"
    colours = []
    for number in range(count):
        lean = 1 - 2 * number / (count - 1)
        end = "var(--stance-first)" if lean > 0 else "var(--stance-last)"
        colours.append(f"color-mix(in srgb, {end} {90 * abs(lean):.0f}%, {middle})")
    return colours


def share_axis(title: str | None = None) -> alt.Axis:
    """An axis of shares in percent."""
    return alt.Axis(format="~%", title=title, tickCount=4, domain=False, ticks=False)


def draw_timeline(timeline: Timeline, frames: Sequence[tuple[int, str]], top: float) -> Spec:
    """Lines with bands over time.

    Args:
        timeline: the figures.
        frames: number and name of the frames to draw in one plot.
        top: where the axis of shares ends.
    """
    base = alt.Chart(alt.Data(values=list(_periods(timeline, frames)))).encode(
        x=alt.X(
            "period:T",
            scale=alt.Scale(type="utc", padding=6),
            axis=alt.Axis(title=None, grid=False, labelOverlap=True, labelFlush=True, tickCount=6),
        ),
        color=alt.Color("frame:N", scale=_frame_scale(frames), legend=None),
    )
    shares = alt.Y("share:Q", scale=alt.Scale(domain=[0, top]), axis=share_axis())
    clip = top < 1  # else nothing lies above, and a point at the top is seen whole
    band = base.mark_area(opacity=0.15, clip=clip, invalid="break-paths-show-path-domains").encode(
        y=alt.Y("low:Q", scale=alt.Scale(domain=[0, top]), axis=share_axis()), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2.25, clip=clip, invalid="break-paths-show-path-domains").encode(y=shares)
    if len(frames) > 1:  # told apart without colours, too
        line = line.encode(strokeDash=alt.StrokeDash("frame:N", scale=_frame_scale(frames, frame_dash), legend=None))
    # a larger invisible point, easy to hit; the visible ones matter where a period has no neighbours
    point = (
        base.transform_filter("isValid(datum.share)")
        .mark_point(filled=True, size=26, opacity=1, clip=clip)
        .encode(y=shares)
    )
    target = (
        base.transform_filter("isValid(datum.share)")
        .mark_point(filled=True, size=420, opacity=0, clip=clip)
        .encode(
            y=shares,
            tooltip=[
                alt.Tooltip("frame:N", title="Frame"),
                alt.Tooltip("period:T", title="Period", format=_PERIOD_FORMATS[timeline.grain]),
                *_figures(),
            ],
        )
    )
    chart = alt.layer(band, line, point, target).properties(width="container", height=300 if len(frames) > 1 else 170)
    return _finish(chart)


def _periods(timeline: Timeline, frames: Sequence[tuple[int, str]]) -> Iterator[Row]:
    """A row for each frame in each period."""
    found = {(share.group[0], share.label): share for share in timeline.shares}
    for number, name in frames:
        for period in timeline.periods:
            share = found.get((period, number))
            yield {
                "frame": name,
                "period": f"{period}T00:00:00Z",
                "share": None if share is None else round(share.share, 6),
                "low": None if share is None or share.low is None else round(share.low, 6),
                "high": None if share is None or share.high is None else round(share.high, 6),
                "sentences": 0 if share is None else share.total,
                "documents": 0 if share is None else share.documents,
            }


def draw_intervals(rows: Sequence[Row], number: int, name: str, order: Sequence[str], top: float) -> Spec:
    """Points with intervals, one row a group: ``group``, ``share``, ``low``, ``high``, ``sentences``, ``documents``."""
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        y=alt.Y(
            "group:N",
            sort=list(order),
            axis=alt.Axis(title=None, domain=False, ticks=False, labelLimit=150, labelPadding=8, grid=True),
        ),
        color=alt.Color("frame:N", scale=_frame_scale([(number, name)]), legend=None),
    )
    scale = alt.Scale(domain=[0, top])
    rule = base.mark_rule(strokeWidth=3, opacity=0.4, strokeCap="round").encode(
        x=alt.X("low:Q", scale=scale, axis=share_axis()), x2="high:Q"
    )
    point = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=alt.X("share:Q", scale=scale, axis=share_axis()),
        tooltip=[alt.Tooltip("group:N", title="Outlet"), *_figures()],
    )
    return _finish(alt.layer(rule, point).properties(width="container", height=28 * len(rows)))


def draw_stances(rows: Sequence[Row], stances: Sequence[str], order: Sequence[str]) -> Spec:
    """Stacked bars: ``actor``, ``stance``, ``place`` (the stance's), ``share`` and ``mentions``, ``low``, ``high``."""
    chart = (
        alt.Chart(alt.Data(values=list(rows)))
        .mark_bar(stroke="var(--paper)", strokeWidth=1.5, cornerRadius=2)
        .encode(
            y=alt.Y(
                "actor:N",
                sort=list(order),
                axis=alt.Axis(title=None, domain=False, ticks=False, labelLimit=190, labelPadding=8, grid=False),
            ),
            x=alt.X("share:Q", stack="zero", scale=alt.Scale(domain=[0, 1]), axis=share_axis("share of mentions")),
            color=alt.Color(
                "stance:N",
                scale=alt.Scale(domain=list(stances), range=stance_colours(len(stances))),
                legend=None,
            ),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("actor:N", title="Actor"),
                alt.Tooltip("stance:N", title="Stance"),
                alt.Tooltip("hits:Q", title="Mentions", format=","),
                *_figures("mentions:Q", "All mentions"),
            ],
        )
        .properties(width="container", height=27 * len(order))
    )
    return _finish(chart)


def _figures(total: str = "sentences:Q", title: str = "Sentences") -> list[alt.Tooltip]:
    return [
        alt.Tooltip("share:Q", title="Share", format=".1%"),
        alt.Tooltip("low:Q", title="95 % from", format=".1%"),
        alt.Tooltip("high:Q", title="to", format=".1%"),
        alt.Tooltip(total, title=title, format=","),
        alt.Tooltip("documents:Q", title="Documents", format=","),
    ]


def _frame_scale(frames: Sequence[tuple[int, str]], look: Callable[[int], Any] = frame_colour) -> alt.Scale:
    return alt.Scale(domain=[name for _, name in frames], range=[look(number) for number, _ in frames])


def _finish(chart: alt.TopLevelMixin) -> Spec:
    """Give the plot the page's looks; everything that Altair would number is left out, so that bytes do not vary."""
    spec: Spec = chart.to_dict()
    spec.pop("$schema")
    spec["config"] = {
        "font": _FONT,
        "background": "transparent",
        "view": {"stroke": None},
        "axis": {
            "labelColor": "var(--soft)",
            "titleColor": "var(--soft)",
            "gridColor": "var(--rule)",
            "domainColor": "var(--edge)",
            "tickColor": "var(--edge)",
            "labelFontSize": 12,
            "titleFontSize": 12,
            "titleFontWeight": "normal",
        },
        "legend": {"disable": True},
        "aria": False,
    }
    return spec
