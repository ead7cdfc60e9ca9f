"""The annotations in a database: what is there is never changed, and every change is a further version."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple, Self, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from service.annotations.annotator import Annotator
from service.annotations.database import Database
from service.annotations.errors import ConflictError
from service.annotations.forgetting import Matter, empty_log, find_matter, forget
from service.annotations.migration import migrate
from service.annotations.query import MOST, Cursor, Query
from service.annotations.rows import new_row, read_row, withdrawal
from service.annotations.statement import select_versions
from service.annotations.tables import RequestRow, RequestVersionRow, VersionRow
from service.annotations.wire import SentAnnotation, Version

#: SQLite and PostgreSQL bound the number of a statement's parameters.
_CHUNK = 500
_Item = TypeVar("_Item")
_LOADED = (selectinload(VersionRow.frames), selectinload(VersionRow.actors))


class Kept(NamedTuple):
    """The versions that answer a request, and how many of them are new."""

    versions: list[Version]
    new: int


class Store:
    """The versions of all annotations.

    Args:
        database: where they are; its tables are made or brought up to date.

    Raises:
        StoreError: here as in every method, the database cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        migrate(database)

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the database at a URL."""
        database = Database(url)
        try:
            return cls(database)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    def count(self) -> int:
        """How many versions there are."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(VersionRow)).scalar_one()

    def add(self, sent: Sequence[SentAnnotation], by: Annotator, codebook: str, request: str | None = None) -> Kept:
        """Keep annotations, all of them or none; one that says what the annotator's latest version says is not new.

        Args:
            sent: the annotations, of different sentences.
            by: who sends them.
            codebook: the label of the codebook against which they were checked.
            request: a name that the annotator gives to the request; the same request again changes nothing and is
                answered alike.

        Raises:
            ConflictError: a sentence's id stands for another sentence, or the request's name for another request.
        """
        with self._database.writing() as connection, Session(connection) as session:
            digest = _digest(sent)
            if request is not None:
                before = _find_request(session, by.name, request)
                if before is not None:
                    return Kept(_repeated(session, before, digest), 0)
            known = _histories(session, [one.sentence for one in sent])
            _check_sentences(sent, known)
            now = datetime.now(UTC)
            rows, new = [], 0
            for one in sent:
                latest = _latest(known.get(one.sentence, ()), by.name)
                if latest is not None and not latest.withdrawn and _says(read_row(latest), one):
                    rows.append(latest)
                    continue
                rows.append(new_row(one, by, codebook, now, latest))
                session.add(rows[-1])
                new += 1
            session.flush()
            if request is not None:
                answered = [RequestVersionRow(position=at, version=row.id) for at, row in enumerate(rows)]
                session.add(RequestRow(annotator=by.name, key=request, sha256=digest, versions=answered))
                session.flush()
            return Kept([read_row(row) for row in rows], new)

    def withdraw(self, sentence: str, by: Annotator) -> Kept | None:
        """Take back what the annotator said of a sentence; None where that is nothing.

        What is withdrawn already stays as it is.
        """
        with self._database.writing() as connection, Session(connection) as session:
            latest = _latest(_histories(session, [sentence]).get(sentence, ()), by.name)
            if latest is None:
                return None
            if latest.withdrawn:
                return Kept([read_row(latest)], 0)
            row = withdrawal(latest, by, datetime.now(UTC))
            session.add(row)
            session.flush()
            return Kept([read_row(row)], 1)

    def history(self, sentence: str) -> list[Version]:
        """Every version of a sentence by every annotator, the oldest first."""
        with self._database.reading() as connection, Session(connection) as session:
            return [read_row(row) for row in _histories(session, [sentence]).get(sentence, ())]

    def find(self, query: Query, cursor: Cursor | None = None) -> tuple[list[Version], Cursor | None]:
        """Up to ``query.limit`` versions in the order in which they were kept, and where to go on.

        Pages that follow show the store as it was when the first was asked for.
        """
        with self._database.reading() as connection, Session(connection) as session:
            if cursor is None:
                newest = session.execute(select(func.max(VersionRow.id))).scalar_one()
                cursor = Cursor(newest or 0, 0)
            statement = select_versions(query, cursor).order_by(VersionRow.id).limit(query.limit + 1).options(*_LOADED)
            rows = list(session.scalars(statement))
            more = len(rows) > query.limit
            versions = [read_row(row) for row in rows[: query.limit]]
        return versions, Cursor(cursor.until, versions[-1].version) if more else None

    def lines(self, query: Query) -> Iterator[list[Version]]:
        """All versions that a query finds, a part at a time, as the store was when it was asked."""
        part = query.model_copy(update={"limit": MOST})
        versions, cursor = self.find(part)
        yield versions
        while cursor is not None:
            versions, cursor = self.find(part, cursor)
            yield versions

    def find_matter(self, query: Query) -> Matter:
        """What `forget` would remove; of the query, document and annotator count."""
        with self._database.reading() as connection:
            return find_matter(connection, query)

    def forget(self, query: Query) -> bool:
        """Remove every version of a document's or an annotator's annotations for good.

        Returns:
            Whether nothing of them is left in the database's files; SQLite's log keeps copies while others read.
        """
        with self._database.writing() as connection:
            forget(connection, query, is_sqlite=self._database.is_sqlite)
        return not self._database.is_sqlite or empty_log(self._database)


def _find_request(session: Session, annotator: str, name: str) -> RequestRow | None:
    statement = select(RequestRow).where(RequestRow.annotator == annotator, RequestRow.key == name)
    return session.scalars(statement.options(selectinload(RequestRow.versions))).one_or_none()


def _repeated(session: Session, before: RequestRow, digest: str) -> list[Version]:
    """The answer to a request that was answered before."""
    if before.sha256 != digest:
        raise ConflictError([(("header", "idempotency-key"), "it was the key of another request already")])
    numbers = [one.version for one in before.versions]
    rows = {
        row.id: row
        for part in _chunks(numbers)
        for row in session.scalars(select(VersionRow).where(VersionRow.id.in_(part)).options(*_LOADED))
    }
    return [read_row(rows[number]) for number in numbers]


def _digest(sent: Iterable[SentAnnotation]) -> str:
    return hashlib.sha256(b"\n".join(one.model_dump_json().encode() for one in sent)).hexdigest()


def _histories(session: Session, sentences: Sequence[str]) -> dict[str, list[VersionRow]]:
    found: dict[str, list[VersionRow]] = {}
    for part in _chunks(sentences):
        statement = select(VersionRow).where(VersionRow.sentence.in_(part)).order_by(VersionRow.id)
        for row in session.scalars(statement.options(*_LOADED)):
            found.setdefault(row.sentence, []).append(row)
    return found


def _check_sentences(sent: Sequence[SentAnnotation], known: dict[str, list[VersionRow]]) -> None:
    faults: list[tuple[tuple[str | int, ...], str]] = []
    for number, one in enumerate(sent):
        if one.sentence not in known:
            continue
        first = known[one.sentence][0]
        for field, kept, given in (("text", first.text, one.text), ("document", first.document, one.document)):
            if kept != given:
                place = ("body", "annotations", number, field)
                faults.append((place, f"the id {one.sentence!r} stands for a sentence with another {field} already"))
    if faults:
        raise ConflictError(faults)


def _latest(history: Sequence[VersionRow], annotator: str) -> VersionRow | None:
    own = [row for row in history if row.annotator == annotator]
    return own[-1] if own else None


def _says(version: Version, sent: SentAnnotation) -> bool:
    """Whether a version says the same as an annotation that was sent."""
    same_model = version.model_dump(include={"model"}) == sent.model_dump(include={"model"})
    return same_model and version.annotation() == sent.annotation(version.annotator)


def _chunks(items: Sequence[_Item]) -> Iterator[list[_Item]]:
    remaining = iter(items)
    while part := list(islice(remaining, _CHUNK)):
        yield part
