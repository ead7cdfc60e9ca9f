"""Making the plan of a run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

from service.archive.article import NO_HEAD, Extent, Head, Input, Survey
from service.archive.errors import ArchiveError
from service.archive.folder import Folder
from service.archive.identity import ModelIdentity
from service.archive.options import ScoreOptions
from service.archive.plan import INPUTS, PLAN, SHARDS, ListedInput, Plan, digest_inputs
from service.archive.shard import Shard
from service.archive.storage import measure, stamp
from service.archive.surveys import survey
from service.archive.values import extend, settle

#: The most records of a shard, the most files, and the least and the most bytes of text in it, about.
_RECORDS, _FILES, _LEAST, _MOST = 2_000, 256, 1 << 16, 1 << 20
#: Shards into which an archive is cut where these bounds allow it, so that all cores have work to the end.
_SHARDS = 64
#: The records of a shard of a trial, where there are no more of them than fill so many.
_FEW = 16
#: How much larger the content of a compressed file is, and of how much markup there is text, about.
_INFLATION, _MARKUP = 4, 10
_MARKED_UP = ("html", "warc")


class Read(NamedTuple):
    """How far the inputs of a run were gone through.

    ``inputs`` are done; ``size`` bytes were read, of ``total``, in which those of unknown size are missing.
    """

    inputs: int
    size: int
    total: int


def make_plan(
    inputs: Sequence[Input],
    options: ScoreOptions,
    model: ModelIdentity,
    folder: Folder,
    on_read: Callable[[Read], None],
    limit: int | None = None,
) -> tuple[Plan, dict[str, str]]:
    """Go through all inputs once and write the plan of their run.

    Args:
        inputs: what to score.
        options: the choices of the run.
        model: what labels it.
        folder: where the plan is written.
        on_read: is told how far that is, again and again.
        limit: so many records at the begin are to be scored before all others, and have shards of their own.

    Returns:
        The plan, and the stamps of the inputs by their URLs.

    Raises:
        ArchiveError: nothing of the inputs can be read.
        DiskError: there is no room for the plan.
    """
    started = datetime.now(UTC)
    sizes = {source.url: _stored_size(source.url) for source in inputs}
    size = _shard_size(inputs, sizes)
    head = NO_HEAD if limit is None else Head(limit, min(_RECORDS, max(_FEW, limit // _SHARDS)))
    read = Read(0, 0, sum(sizes.values()))

    def advance(size: int) -> None:
        nonlocal read
        read = read._replace(size=read.size + size)
        on_read(read)

    stamps: dict[str, str] = {}
    columns: dict[str, str] = {}
    records = faults = shards = 0
    seen: list[str] = []
    with folder.writing(INPUTS) as listed, folder.writing(SHARDS) as planned:
        joined = _Joined(size, head)
        for source in inputs:
            stamps[source.url] = state = stamp(source.url)
            found = _survey(source, options, size, head._replace(records=max(0, head.records - records)), advance)
            listed.write(_list(found, state).model_dump_json().encode() + b"\n")
            extend(columns, found.columns)
            records += found.records
            if found.fault is not None:
                faults += 1
                seen = [*seen[:19], f"{source.url}: {found.fault}"]
            for extents in joined.add(found):
                planned.write(_line(shards, extents))
                shards += 1
            read = read._replace(inputs=read.inputs + 1)
            on_read(read)
        if joined.extents or not shards:
            planned.write(_line(shards, joined.extents))
            shards += 1
        if faults and not records:
            raise ArchiveError("\n".join(seen))
    plan = Plan(
        frameline=version("frameline"),
        started=started.isoformat(timespec="seconds"),
        options=options,
        model=model,
        inputs_digest=digest_inputs(stamps),
        faults=faults,
        records=records,
        shards=shards,
        columns=settle(columns),
    )
    folder.write(PLAN, plan.model_dump_json(indent=2).encode())
    return plan, stamps


class _Joined:
    """Joins the extents of small inputs, until they make a shard.

    Args:
        size: bytes of text in a shard, about.
        head: the archive's first records, where these are cut apart.
    """

    def __init__(self, size: int, head: Head) -> None:
        self.extents: list[Extent] = []
        self._size = size
        self._head = head
        self._bytes = 0.0
        self._records = self._total = 0

    def add(self, found: Survey) -> Iterator[list[Extent]]:
        """Take an input; yields the shards that are complete."""
        whole = _text_size(found.input, found.size)
        for extent in found.extents:
            size = whole * extent.count / found.records
            most = self._head.most if self._total < self._head.records else _RECORDS
            full = self._bytes + size > self._size or self._records + extent.count > most
            if self.extents and (full or len(self.extents) == _FILES or self._total == self._head.records):
                yield self.extents
                self.extents, self._bytes, self._records = [], 0.0, 0
            self.extents.append(extent)
            self._bytes += size
            self._records += extent.count
            self._total += extent.count


def _survey(source: Input, options: ScoreOptions, size: int, head: Head, on_read: Callable[[int], None]) -> Survey:
    try:
        return survey(
            source, options.columns, records=_RECORDS, size=size * _markup(source), head=head, on_read=on_read
        )
    except OSError as error:
        fault = f"cannot be read: {error.strerror or error}"
        return Survey(input=source, size=0, sha256="", records=0, extents=(), columns={}, fault=fault)


def _list(found: Survey, stamp: str) -> ListedInput:
    return ListedInput(
        **found.input.model_dump(),
        size=found.size,
        sha256=found.sha256,
        records=found.records,
        stamp=stamp,
        fault=found.fault,
    )


def _line(number: int, extents: Sequence[Extent]) -> bytes:
    return Shard(number=number, extents=tuple(extents)).model_dump_json(exclude_defaults=True).encode() + b"\n"


def _shard_size(inputs: Sequence[Input], sizes: Mapping[str, int]) -> int:
    """Bytes of text in a shard, about."""
    total = sum(_text_size(source, sizes[source.url]) for source in inputs)
    return int(min(max(total / _SHARDS, _LEAST), _MOST))


def _text_size(source: Input, stored: int) -> float:
    packed = source.compression is not None or source.format == "parquet"
    return stored * (_INFLATION if packed else 1) / _markup(source)


def _markup(source: Input) -> int:
    return _MARKUP if source.format in _MARKED_UP else 1


def _stored_size(url: str) -> int:
    try:
        return measure(url)
    except OSError:
        return 0
