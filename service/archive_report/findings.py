"""Everything that the report says, counted."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from service.archive_report.actors import Actors, describe_actors
from service.archive_report.outlets import Outlets, compare
from service.archive_report.rejections import Rejections, read_rejections
from service.archive_report.shares import Share, measure
from service.archive_report.tables import Tables, one_row
from service.archive_report.timeline import Timeline, follow
from service.archive_report.typical import Example, find_typical


class Findings(NamedTuple):
    """The counts of all sections."""

    documents: int
    sentences: int
    with_frame: int
    """Sentences that have a frame at all."""
    overall: list[Share]
    timeline: Timeline | None
    outlets: Outlets | None
    actors: Actors | None
    typical: list[list[Example]]
    rejections: Rejections


def find(tables: Tables, folder: Path, known: Mapping[str, str]) -> Findings:
    """Count everything.

    Args:
        tables: the opened archive.
        folder: the run's.
        known: actors' names by id.

    Raises:
        FramelineError: ``rejected.jsonl`` is missing or damaged.
    """
    counts = one_row(tables.database, "SELECT count(*), sum(n), sum(framed) FROM documents")
    documents, sentences, with_frame = (int(count) for count in counts)
    outlets = compare(tables)
    return Findings(
        documents,
        sentences,
        with_frame,
        measure(tables.database, "documents", len(tables.manifest.frames), calibrated=True),
        follow(tables),
        outlets,
        describe_actors(tables, known, [] if outlets is None else outlets.names),
        find_typical(tables),
        read_rejections(folder),
    )
