"""What an archive consists of: inputs, the extents of their records, and the articles in them."""

from typing import NamedTuple

from model.codebook import Schema


class Input(Schema):
    """One file of an archive."""

    url: str
    """A path, or any URL that fsspec opens."""
    format: str
    """One of ``jsonl``, ``csv``, ``tsv``, ``parquet``, ``arrow``, ``text``, ``html``, ``warc``."""
    compression: str | None = None
    """``gzip``, ``zstd`` or None; Parquet's own compression does not count."""


class Columns(Schema):
    """The columns (fields) of a tabular input that have a meaning; all others are passed through."""

    text: str = "text"
    id: str = "id"
    actors: str = "actors"


class Extent(Schema):
    """A run of consecutive records of one input: what is read, labelled and written together."""

    input: Input
    first: int
    """The number of its first record in the input, from 0."""
    count: int
    """How many records."""
    offset: int = 0
    """Where its first record begins in the decompressed file, in bytes; 0 where the format is not sought in."""
    line: int = 1
    """The line in which its first record begins, from 1; of no meaning where records have no line."""
    stamp: str = ""
    """The input's `service.archive.storage.fingerprint` while the run lasts; empty where nobody took it."""


class Place(NamedTuple):
    """Where a record stands: the input, the record's number from 0, and its line from 1 where it has one."""

    url: str
    record: int
    line: int | None = None


class Article(NamedTuple):
    """A document of an archive that can be labelled.

    ``columns`` has a value, or None, for every column that passes through: a ``boolean`` is a bool, an ``integer`` an
    int of 64 bits, a ``number`` a float, a ``timestamp`` a datetime in UTC, a ``string`` a str that UTF-8 can write.
    """

    place: Place
    id: str
    text: str
    actors: tuple[str, ...] | None
    columns: dict[str, object]


class Rejection(NamedTuple):
    """A record, or a whole input (``record`` is -1), that cannot be labelled, and why.

    ``kind`` is ``fault`` where it is damaged or incomplete and ``language`` where it is in another language.
    """

    place: Place
    kind: str
    reason: str
    id: str | None = None


class Head(NamedTuple):
    """The first records of an input, or of an archive, which are cut apart from the others, for a trial.

    ``records`` is how many they are, 0 where there is no trial; ``most`` how many of them stand together at most.
    """

    records: int = 0
    most: int = 0


#: No records are cut apart.
NO_HEAD = Head()


class Survey(Schema):
    """What a first, quick pass over an input found; no record is parsed further than that needs."""

    input: Input
    size: int
    """In bytes, as stored."""
    sha256: str
    """Of the file as stored."""
    records: int
    extents: tuple[Extent, ...]
    columns: dict[str, str]
    """Columns that pass through, each with its type: ``boolean``, ``integer``, ``number``, ``timestamp``, ``string``,
    or ``null`` where no record has a value; `service.archive.values.extend` joins those of several surveys."""
    fault: str | None = None
    """Why the file could not be read to its end, if so; the records before that place are still read."""
