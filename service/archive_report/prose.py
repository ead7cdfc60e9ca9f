"""The report's sentences, as far as they depend on the archive."""

from datetime import UTC, datetime
from typing import Any

from service.archive_report.findings import Findings
from service.archive_report.manifest import Manifest
from service.archive_report.shares import Share
from service.archive_report.tables import Tables
from service.archive_report.timeline import Timeline


def write(findings: Findings, tables: Tables) -> dict[str, Any]:
    """All of them, by their name in the page's template."""
    manifest = tables.manifest
    parts = [
        ("frames", "Frames"), ("time", "Over time"), ("outlets", "By outlet"), ("actors", "Actors and stances"),
        ("crossing", "Actors in frames"), ("typical", "Typical sentences"), ("aside", "Set aside"),
        ("method", "Method"),
    ]  # fmt: skip
    return {
        "lede": _lede(findings, manifest),
        "key_figures": _key_figures(findings, manifest),
        "parts": [part for part in parts if part[0] != "crossing" or findings.actors is not None],
        "overall_finding": _overall(findings, manifest),
        "no_timeline": _no_timeline(tables),
        "date_notes": _date_notes(findings.timeline, tables),
        "no_outlets": _no_outlets(tables),
        "aside": _aside(findings),
        "thresholds": _thresholds(manifest),
        "finished": _moment(manifest.finished),
    }


def _lede(findings: Findings, manifest: Manifest) -> str:
    inputs = manifest.inputs[0].url if len(manifest.inputs) == 1 else f"{len(manifest.inputs):,} inputs"
    return (
        f"{_count(findings.sentences, 'sentence')} of {_count(findings.documents, 'document')} from {inputs}, "
        f"labelled by {manifest.model.name} {manifest.model.version} on {_moment(manifest.finished)}."
    )


def _key_figures(findings: Findings, manifest: Manifest) -> list[tuple[str, str]]:
    figures = [
        ("documents", f"{findings.documents:,}"),
        ("sentences", f"{findings.sentences:,}"),
        ("of them with a frame", percent(findings.with_frame / findings.sentences)),
        ("mentions of actors", f"{manifest.counts.stances:,}"),
        ("records set aside", f"{findings.rejections.total:,}"),
    ]
    if manifest.counts.saved:
        figures.append(("repeated sentences, scored once", f"{manifest.counts.saved:,}"))
    return figures


def _overall(findings: Findings, manifest: Manifest) -> str:
    most = max(findings.overall, key=lambda share: (share.hits, -share.label))
    if most.hits == 0:
        return "No sentence has a frame."
    return (
        f"{manifest.frames[most.label].name} is the most frequent frame, in {percent(most.share)} of all sentences"
        f"{_range(most)}. {percent(1 - findings.with_frame / findings.sentences)} have no frame."
    )


def _range(share: Share) -> str:
    return "" if share.low is None or share.high is None else f" ({percent(share.low)} to {percent(share.high)})"


def _no_timeline(tables: Tables) -> str:
    if tables.date is None:
        return (
            "The documents came without a column of dates. If they have one under another name, "
            "give it as --date-column NAME."
        )
    return f"No date in the column {tables.date!r} can be read. Give another column as --date-column NAME."


def _no_outlets(tables: Tables) -> str:
    if tables.outlet is None:
        return (
            "The documents came without a column of outlets. If they have one under another name, "
            "give it as --outlet-column NAME."
        )
    return f"The column {tables.outlet!r} is empty. Give another one as --outlet-column NAME."


def _date_notes(timeline: Timeline | None, tables: Tables) -> list[str]:
    if timeline is None:
        return []
    notes = []
    if tables.order is not None:
        notes.append(f"Dates with slashes, such as 3/4/2024, were read as {tables.order}.")
    if timeline.undated:
        examples = ", ".join(f"“{value}”" for value in timeline.unreadable)
        notes.append(
            f"{_count(timeline.undated, 'document')} without a date that can be read "
            f"{'is' if timeline.undated == 1 else 'are'} left out here"
            f"{f' (for instance {examples})' if examples else ''}."
        )
    if timeline.far:
        notes.append(
            f"{_count(timeline.far, 'document')} dated far before or after all others "
            f"{'is' if timeline.far == 1 else 'are'} left out here."
        )
    return notes


def _aside(findings: Findings) -> str:
    words = {"fault": "damaged or incomplete", "language": "in another language"}
    kinds = ", ".join(f"{count:,} {words.get(kind, kind)}" for kind, count in findings.rejections.kinds.items())
    return f"{_count(findings.rejections.total, 'record')} could not be labelled: {kinds}."


def _thresholds(manifest: Manifest) -> str:
    if manifest.model.frames_per_sentence != "any":
        none = ", or none where that is likelier" if manifest.model.frames_per_sentence == "at_most_one" else ""
        return f"Frames exclude each other: a sentence has the likeliest one{none}."
    given = [f"{frame.name} {frame.threshold:g}" for frame in manifest.frames if frame.threshold is not None]
    return f"A frame counts as present from this probability: {', '.join(given)}." if given else ""


def percent(share: float) -> str:
    """A share between 0 and 1 in percent."""
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _moment(moment: datetime) -> str:
    moment = moment.astimezone(UTC) if moment.tzinfo is not None else moment
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
