"""Making the plan of a run."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from service.archive.article import Extent, Input, Survey
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
#: How much larger the content of a compressed file is, and of how much markup there is text, about.
_INFLATION, _MARKUP = 4, 10
_MARKED_UP = ("html", "warc")


def make_plan(
    inputs: Sequence[Input],
    options: ScoreOptions,
    model: ModelIdentity,
    folder: Folder,
    on_input: Callable[[int], None],
) -> Plan:
    """Go through all inputs once and write the plan of their run.

    Args:
        inputs: what to score.
        options: the choices of the run.
        model: what labels it.
        folder: where the plan is written.
        on_input: is told how many inputs are done.

    Raises:
        ArchiveError: nothing of the inputs can be read.
        DiskError: there is no room for the plan.
    """
    started = datetime.now(UTC)
    size = _shard_size(inputs)
    stamps: dict[str, str] = {}
    columns: dict[str, str] = {}
    records = faults = shards = 0
    seen: list[str] = []
    with folder.writing(INPUTS) as listed, folder.writing(SHARDS) as planned:
        joined = _Joined(size)
        for number, source in enumerate(inputs):
            stamps[source.url] = state = stamp(source.url)
            found = _survey(source, options, size)
            listed.write(_list(found, state).model_dump_json().encode() + b"\n")
            extend(columns, found.columns)
            records += found.records
            if found.fault is not None:
                faults += 1
                seen = [*seen[:19], f"{source.url}: {found.fault}"]
            for extents in joined.add(found):
                planned.write(_line(shards, extents))
                shards += 1
            on_input(number + 1)
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
    return plan


class _Joined:
    """Joins the extents of small inputs, until they make a shard.

    Args:
        size: bytes of text in a shard, about.
    """

    def __init__(self, size: int) -> None:
        self.extents: list[Extent] = []
        self._size = size
        self._bytes = 0.0
        self._records = 0

    def add(self, found: Survey) -> Iterator[list[Extent]]:
        """Take an input; yields the shards that are complete."""
        whole = _text_size(found.input, found.size)
        for extent in found.extents:
            size = whole * extent.count / found.records
            full = self._bytes + size > self._size or self._records + extent.count > _RECORDS
            if self.extents and (full or len(self.extents) == _FILES):
                yield self.extents
                self.extents, self._bytes, self._records = [], 0.0, 0
            self.extents.append(extent)
            self._bytes += size
            self._records += extent.count


def _survey(source: Input, options: ScoreOptions, size: int) -> Survey:
    try:
        return survey(source, options.columns, records=_RECORDS, size=size * _markup(source))
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


def _shard_size(inputs: Iterable[Input]) -> int:
    """Bytes of text in a shard, about."""
    total = sum(_text_size(source, _stored_size(source.url)) for source in inputs)
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
