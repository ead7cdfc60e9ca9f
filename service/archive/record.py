"""A record of an archive: what its file says, before it is known to be an article."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from service.archive.article import Article, Columns, Place, Rejection
from service.archive.lines import LIMIT
from service.archive.values import convert


class Record(NamedTuple):
    """The fields of a record, by name."""

    place: Place
    fields: Mapping[str, object]


class FaultError(ValueError):
    """What is wrong with a record, and what would be right."""


def reject(place: Place, reason: str, identity: str | None = None) -> Rejection:
    """Set a record aside as faulty."""
    return Rejection(place, "fault", reason, identity)


def split_mentions(value: object) -> object:
    """The mentions in a cell, parted by semicolons; what is no string stays as it is."""
    if not isinstance(value, str):
        return value
    return [mention for part in value.split(";") if (mention := part.strip())]


def make_article(record: Record, name: str, columns: Columns, types: Mapping[str, str]) -> Article | Rejection:
    """Check a record.

    Args:
        record: what its file says.
        name: its document is called so where it has no id.
        columns: which of its fields have a meaning.
        types: the columns that pass through.
    """
    identity: str | None = None
    try:
        identity = _read_id(record.fields.get(columns.id), columns.id) or name
        text = _read_text(record.fields.get(columns.text), columns.text)
        actors = _read_actors(record.fields.get(columns.actors), columns.actors, text)
        for column in record.fields:
            if column not in types:  # a column that passes through has a sound name
                _check_name(column)
        passed = {column: _pass(record.fields.get(column), column, kind) for column, kind in types.items()}
    except FaultError as error:
        return reject(record.place, str(error), identity)
    return Article(record.place, identity, text, actors, passed)


def _read_id(value: object, column: str) -> str | None:
    """The id; whole numbers are written as such, and NaN is none: a column of integers with gaps is one of floats."""
    if (isinstance(value, float) and value.is_integer()) or (
        isinstance(value, Decimal) and value == value.to_integral_value()
    ):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or value != value or value == "":
        return None
    identity = _check(value, column)
    if not identity.strip():
        raise FaultError(f"{column}: blank; give it letters or digits, or leave it empty")
    return identity


def _read_text(value: object, column: str) -> str:
    if value is None:
        raise FaultError(f"{column}: missing; give the article's text there")
    text = _check(value, column)
    if not text.strip():
        raise FaultError(f"{column}: blank; give the article's text there")
    return text


def _read_actors(value: object, column: str, text: str) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise FaultError(f"{column}: {_describe(value)}; give a list of mentions as they stand in the text")
    mentions = tuple(_check(mention, f"{column}[{number}]") for number, mention in enumerate(value))
    for number, mention in enumerate(mentions):
        if not mention.strip():
            raise FaultError(f"{column}[{number}]: blank; leave it out")
        if mention not in text:
            raise FaultError(
                f"{column}[{number}]: {_shorten(mention)} does not occur in the text; "
                "give a mention exactly as it stands there"
            )
    return mentions


def _check_name(column: str) -> None:
    try:
        column.encode()
    except UnicodeEncodeError as error:
        raise FaultError(f"{column!a}: {_surrogate(error)}") from None


def _pass(value: object, column: str, kind: str) -> object:
    try:
        return convert(value, kind)
    except UnicodeEncodeError as error:
        raise FaultError(f"{column}: {_surrogate(error)}") from None


def _check(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise FaultError(f"{field}: {_describe(value)}; give a string")
    if len(value) > LIMIT:
        raise FaultError(f"{field}: {len(value)} characters, more than {LIMIT}; split it")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise FaultError(f"{field}: {_surrogate(error)}") from None
    if "\0" in value:
        raise FaultError(
            f"{field}: a NUL character at position {value.index(chr(0))}; if the file is UTF-16, convert it to UTF-8"
        )
    return value


def _surrogate(error: UnicodeEncodeError) -> str:
    return f"half of a surrogate pair stands alone at position {error.start}; mend the text's encoding"


def _describe(value: object) -> str:
    return f"{_shorten(value)} is no string" if not isinstance(value, str) else f"{_shorten(value)} is a string"


def _shorten(value: object) -> str:
    written = ascii(value)
    return written if len(written) <= 60 else f"{written[:60]}…"
