"""The statement that finds in the database what a query asks for."""

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from service.annotations.query import Cursor, Query
from service.annotations.tables import ActorRow, FrameRow, VersionRow


def select_versions(query: Query, cursor: Cursor) -> Select[VersionRow]:
    """Every version behind the cursor that fits the query, in any order."""
    chosen = select(VersionRow).where(VersionRow.id > cursor.last, VersionRow.id <= cursor.until)
    for column, wanted in ((VersionRow.annotator, query.annotator), (VersionRow.document, query.document)):
        if wanted is not None:
            chosen = chosen.where(column == wanted)
    if query.since is not None:
        chosen = chosen.where(VersionRow.time >= query.since)
    if query.until is not None:
        chosen = chosen.where(VersionRow.time < query.until)
    if query.text is not None:
        chosen = chosen.where(VersionRow.text.icontains(query.text.lower(), autoescape=True))
    if query.frame is not None:
        chosen = chosen.where(exists().where(FrameRow.version == VersionRow.id, FrameRow.frame == query.frame))
    mention = [
        column == wanted
        for column, wanted in ((ActorRow.stance, query.stance), (ActorRow.actor, query.actor))
        if wanted is not None
    ]
    if mention:
        chosen = chosen.where(exists().where(ActorRow.version == VersionRow.id, *mention))
    if query.latest:
        newer = aliased(VersionRow)
        later = exists().where(newer.replaces == VersionRow.id, newer.id <= cursor.until)
        chosen = chosen.where(VersionRow.withdrawn.is_(False), ~later)
    return chosen
