"""Versions of annotations as rows of the database."""

from datetime import datetime

from model.annotation import ActorSpan
from service.annotations.annotator import Annotator
from service.annotations.tables import ActorRow, FrameRow, VersionRow
from service.annotations.wire import SentAnnotation, Version
from service.wire import ModelInfo


def new_row(sent: SentAnnotation, by: Annotator, codebook: str, now: datetime, latest: VersionRow | None) -> VersionRow:
    """The row of an annotation that was sent.

    Args:
        sent: the annotation.
        by: who sent it.
        codebook: the label of the codebook against which it was checked.
        now: when.
        latest: the version that it replaces.
    """
    model = sent.model
    return VersionRow(
        sentence=sent.sentence,
        annotator=by.name,
        key_id=by.key_id,
        time=now,
        replaces=None if latest is None else latest.id,
        document=sent.document,
        text=sent.text,
        origin=sent.origin,
        model=None if model is None else model.name,
        model_version=None if model is None else model.version,
        model_codebook=None if model is None else model.codebook,
        codebook=codebook,
        withdrawn=False,
        frames=[FrameRow(position=at, frame=frame) for at, frame in enumerate(sent.frames)],
        actors=[ActorRow(position=at, **dict(actor)) for at, actor in enumerate(sent.actors)],
    )


def withdrawal(latest: VersionRow, by: Annotator, now: datetime) -> VersionRow:
    """The row that takes back what the annotator's latest one says, and says it once more."""
    return VersionRow(
        sentence=latest.sentence,
        annotator=by.name,
        key_id=by.key_id,
        time=now,
        replaces=latest.id,
        document=latest.document,
        text=latest.text,
        origin=latest.origin,
        model=latest.model,
        model_version=latest.model_version,
        model_codebook=latest.model_codebook,
        codebook=latest.codebook,
        withdrawn=True,
        frames=[FrameRow(position=one.position, frame=one.frame) for one in latest.frames],
        actors=[
            ActorRow(position=one.position, start=one.start, end=one.end, stance=one.stance, actor=one.actor)
            for one in latest.actors
        ],
    )


def read_row(row: VersionRow) -> Version:
    """The version that a row holds."""
    model = None
    if row.model is not None:
        model = ModelInfo(name=row.model, version=row.model_version or "", codebook=row.model_codebook or "")
    return Version(
        version=row.id,
        replaces=row.replaces,
        id=row.sentence,
        document=row.document,
        text=row.text,
        frames=tuple(one.frame for one in row.frames),
        actors=tuple(ActorSpan(start=one.start, end=one.end, stance=one.stance, actor=one.actor) for one in row.actors),
        annotator=row.annotator,
        origin=row.origin,
        time=row.time,
        model=model,
        codebook=row.codebook,
        withdrawn=row.withdrawn,
    )
