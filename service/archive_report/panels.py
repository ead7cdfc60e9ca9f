"""The plots of each section: one for all frames, or one a frame."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from service.archive_report.actors import Actors
from service.archive_report.charts import Row, Spec, draw_intervals, draw_stances, draw_timeline, frame_colour
from service.archive_report.manifest import Manifest
from service.archive_report.outlets import Outlets
from service.archive_report.shares import Share
from service.archive_report.timeline import Timeline

_TOGETHER = 4
"""Up to so many frames can be told apart in one plot with bands."""


class Panel(NamedTuple):
    """A plot with its heading and what it shows, in words."""

    id: str
    name: str
    colour: str
    about: str
    spec: Spec


def time_panels(timeline: Timeline, manifest: Manifest) -> list[Panel]:
    """One plot of all frames, or one a frame where there are many; all have the same scale."""
    frames = [(number, frame.name) for number, frame in enumerate(manifest.frames)]
    top = _time_top(timeline)
    names = ", ".join(name for _, name in frames)
    about = f"Share of sentences with each frame ({names}) by {timeline.grain}. The table below has the figures."
    if len(frames) <= _TOGETHER:
        return [Panel("time-0", names, "", about, draw_timeline(timeline, frames, top))]
    return [
        Panel(
            f"time-{number}",
            name,
            frame_colour(number),
            f"Share of sentences with {name} by {timeline.grain}. The table below has the figures.",
            draw_timeline(timeline, [(number, name)], top),
        )
        for number, name in frames
    ]


def outlet_panels(outlets: Outlets, manifest: Manifest) -> list[Panel]:
    """One plot a frame, all with the same scale and the same order of outlets."""
    top = _top(share.share if share.high is None else share.high for share in outlets.shares)
    panels = []
    for number, frame in enumerate(manifest.frames):
        rows: list[Row] = [
            {"group": outlets.names[share.group[0]], "frame": frame.name, **_figures(share)}
            for share in outlets.shares
            if share.label == number
        ]
        about = f"Share of sentences with {frame.name}, by outlet. The table below has the figures."
        spec = draw_intervals(rows, number, frame.name, outlets.names, top)
        panels.append(Panel(f"outlets-{number}", frame.name, frame_colour(number), about, spec))
    return panels


def stance_plot(actors: Actors, manifest: Manifest) -> Spec:
    """The stances of all actors; an actor's name carries its count of mentions."""
    totals = {share.group[0]: share.total for share in actors.stances}
    labels = [f"{name} ({totals[place]:,})" for place, name in enumerate(actors.names)]
    rows: list[Row] = []
    for share in actors.stances:
        figures = _figures(share)
        figures["mentions"] = figures.pop("sentences")
        rows.append(
            {
                "actor": labels[share.group[0]],
                "stance": manifest.stances[share.label].name,
                "place": share.label,
                "hits": share.hits,
                **figures,
            }
        )
    return draw_stances(rows, [stance.name for stance in manifest.stances], labels)


def _time_top(timeline: Timeline) -> float:
    """All lines fit, and nine bands of ten; single wide ones are cut, or they would press all others down."""
    highs = sorted(share.share if share.high is None else share.high for share in timeline.shares)
    return max(_top([highs[len(highs) * 9 // 10]]), _top(share.share for share in timeline.shares))


def _figures(share: Share) -> Row:
    return {
        "share": round(share.share, 6),
        "low": None if share.low is None else round(share.low, 6),
        "high": None if share.high is None else round(share.high, 6),
        "sentences": share.total,
        "documents": share.documents,
    }


def _top(shares: Iterable[float]) -> float:
    """Where an axis ends so that the highest share has some room above it."""
    highest = max(shares, default=0.0)
    return min(1.0, max(0.05, math.ceil(highest * 1.15 * 20) / 20))
