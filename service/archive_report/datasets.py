"""The figures of each section as tables, for the page and for CSV files."""

from collections.abc import Sequence

from service.archive_report.dataset import Cell, Column, Dataset
from service.archive_report.findings import Findings
from service.archive_report.manifest import Label, Manifest
from service.archive_report.shares import Share

_SHARE = (
    Column("share", "Share", True),
    Column("low", "95 % from", True),
    Column("high", "95 % to", True),
)
_CALIBRATED = Column("calibrated_share", "Calibrated share", True)
_FRAME = Column("frame", "Frame")
_ACTOR = Column("actor", "Actor")
_SENTENCES = (Column("with_frame", "Sentences with it"), Column("sentences", "Sentences"))
_RECORDS = Column("records", "Records")
_DOCUMENTS = Column("documents", "Documents")
_MENTIONS = (Column("with_stance", "Mentions with it"), Column("mentions", "Mentions"))


def make_datasets(findings: Findings, manifest: Manifest) -> dict[str, Dataset]:
    """All tables by name; those of sections that the archive cannot fill are missing."""
    found = [
        Dataset(
            "frames",
            "Frames in the whole archive",
            (_FRAME, *_SHARE, _CALIBRATED, *_SENTENCES, _DOCUMENTS),
            [_row((), share, manifest.frames) for share in findings.overall],
        ),
        *_over_time(findings, manifest),
        *_by_outlet(findings, manifest),
        *_of_actors(findings, manifest),
        _typical(findings, manifest),
        Dataset(
            "set_aside",
            "What was set aside, by reason; the place is that of the first case",
            (Column("kind", "Kind"), Column("reason", "Reason"), _RECORDS, Column("place", "For instance")),
            [(reason.kind, reason.reason, reason.records, reason.place) for reason in findings.rejections.reasons],
        ),
        Dataset(
            "inputs",
            "The inputs",
            (Column("input", "Input"), Column("format", "Format"), _RECORDS, Column("sha256", "SHA-256")),
            [(source.url, source.format, source.records, source.sha256) for source in manifest.inputs],
        ),
    ]  # fmt: skip
    return {dataset.name: dataset for dataset in found}


def _row(group: Sequence[Cell], share: Share, labels: Sequence[Label], *, calibrated: bool = True) -> tuple[Cell, ...]:
    figures: tuple[Cell, ...] = (share.share, share.low, share.high)
    if calibrated:
        figures = (*figures, share.calibrated)
    return (*group, labels[share.label].name, *figures, share.hits, share.total, share.documents)


def _over_time(findings: Findings, manifest: Manifest) -> list[Dataset]:
    timeline = findings.timeline
    if timeline is None:
        return []
    rows = [_row((str(share.group[0]),), share, manifest.frames) for share in timeline.shares]
    about = f"Frames by {timeline.grain}; a {timeline.grain} is named by its first day"
    columns = (
        Column(timeline.grain, timeline.grain.capitalize()),
        _FRAME,
        *_SHARE,
        _CALIBRATED,
        *_SENTENCES,
        _DOCUMENTS,
    )
    return [Dataset("time", about, columns, rows)]


def _by_outlet(findings: Findings, manifest: Manifest) -> list[Dataset]:
    outlets = findings.outlets
    if outlets is None:
        return []
    rows = [_row((outlets.names[share.group[0]],), share, manifest.frames) for share in outlets.shares]
    columns = (Column("outlet", "Outlet"), _FRAME, *_SHARE, _CALIBRATED, *_SENTENCES, _DOCUMENTS)
    return [Dataset("outlets", "Frames by outlet", columns, rows)]


def _of_actors(findings: Findings, manifest: Manifest) -> list[Dataset]:
    actors = findings.actors
    if actors is None:
        return []
    stance = Column("stance", "Stance")
    found = [
        Dataset(
            "actors",
            "Stances by actor",
            (_ACTOR, stance, *_SHARE, *_MENTIONS, _DOCUMENTS),
            [_row((actors.names[s.group[0]],), s, manifest.stances, calibrated=False) for s in actors.stances],
        ),
        Dataset(
            "actors_by_frame",
            "Frames of the sentences that name an actor",
            (_ACTOR, _FRAME, *_SHARE, *_SENTENCES, _DOCUMENTS),
            [_row((actors.names[s.group[0]],), s, manifest.frames, calibrated=False) for s in actors.frames],
        ),
    ]
    if actors.by_outlet:
        rows = [
            _row((actors.names[s.group[0]], actors.outlets[s.group[1]]), s, manifest.stances, calibrated=False)
            for s in actors.by_outlet
        ]
        columns = (_ACTOR, Column("outlet", "Outlet"), stance, *_SHARE, *_MENTIONS, _DOCUMENTS)
        found.append(Dataset("actors_by_outlet", "Stances by actor and outlet", columns, rows))
    return found


def _typical(findings: Findings, manifest: Manifest) -> Dataset:
    columns = ("frame", "probability", "sentence_id", "document", "position", "outlet", "date", "text")
    rows: list[tuple[Cell, ...]] = [
        (frame.name, s.probability, s.sentence_id, s.document, s.position, s.outlet, s.day, s.text)
        for frame, examples in zip(manifest.frames, findings.typical, strict=True)
        for s in examples
    ]
    return Dataset("typical", "Typical sentences", tuple(Column(name, name) for name in columns), rows)
