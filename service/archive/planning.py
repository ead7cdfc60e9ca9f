"""Making the plan of a run, and checking that of one that goes on."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from service.archive.article import Extent, Input, Survey
from service.archive.errors import ArchiveError
from service.archive.folder import Folder
from service.archive.identity import ModelIdentity
from service.archive.options import ScoreOptions
from service.archive.plan import INPUTS, PLAN, SHARDS, ListedInput, Plan, Run
from service.archive.shard import Shard
from service.archive.storage import fingerprint, measure
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
    stamps = hashlib.sha256()
    columns: dict[str, str] = {}
    records = faults = shards = 0
    seen: list[str] = []
    with folder.writing(INPUTS) as listed, folder.writing(SHARDS) as planned:
        joined = _Joined(size)
        for number, source in enumerate(inputs):
            stamp = _stamp(source)
            found = _survey(source, options, size)
            listed.write(_list(found, stamp).model_dump_json().encode() + b"\n")
            stamps.update(f"{source.url}\0{stamp}\0".encode(errors="surrogateescape"))
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
        inputs_digest=stamps.hexdigest(),
        faults=faults,
        records=records,
        shards=shards,
        columns=settle(columns),
    )
    folder.write(PLAN, plan.model_dump_json(indent=2).encode())
    return plan


def check_run(
    run: Run,
    listed: Callable[[], Iterable[ListedInput]],
    inputs: Iterable[Input],
    options: ScoreOptions,
    model: ModelIdentity,
    folder: str,
) -> None:
    """Check that a run is that of these inputs, options and model.

    Args:
        run: the run to which a folder belongs.
        listed: gives its inputs.
        inputs: those that are asked for.
        options: likewise.
        model: likewise.
        folder: the folder, for the message.

    Raises:
        ArchiveError: all that differs, and the remedy.
    """
    differences = [*_other_options(run, options, model)]
    stamps = hashlib.sha256()
    now = []
    for source in inputs:
        stamp = _stamp(source)
        stamps.update(f"{source.url}\0{stamp}\0".encode(errors="surrogateescape"))
        now.append((source.url, stamp))
    if stamps.hexdigest() != run.inputs_digest:
        differences += _other_inputs(dict(now), {one.url: one.stamp for one in listed()})
    if differences:
        raise ArchiveError(
            f"{folder}: holds another run: {'; '.join(differences)}. Give --out another folder, or give the command of "
            "that run"
        )


def _other_options(run: Run, options: ScoreOptions, model: ModelIdentity) -> Iterator[str]:
    """What differs in options and model."""
    pairs = {
        "--text-column": (run.options.columns.text, options.columns.text),
        "--id-column": (run.options.columns.id, options.columns.id),
        "--actors-column": (run.options.columns.actors, options.columns.actors),
        "--language": (run.language, run.model_copy(update={"options": options, "model": model}).language),
        "--no-text": (not run.options.keep_text, not options.keep_text),
    }
    for name, (before, now) in pairs.items():
        if before != now:
            yield f"{name} was {_say(before)}, now {_say(now)}"
    if run.model.fingerprint != model.fingerprint:
        yield (
            f"its model was {run.model.name} {run.model.version} with the codebook {run.model.codebook}, now it is "
            f"{model.name} {model.version} with {model.codebook}"
        )


def _say(value: str | bool | None) -> str:
    if isinstance(value, bool):
        return "given" if value else "not given"
    return "any" if value is None else repr(value)


def _other_inputs(now: dict[str, str], before: dict[str, str]) -> Iterator[str]:
    """What differs in the inputs: new ones, missing ones, changed ones."""
    groups = {
        "were not among its inputs": [url for url in now if url not in before],
        "were among its inputs and are not now": [url for url in before if url not in now],
        "changed since (put back what was there)": [url for url in now if url in before and before[url] != now[url]],
    }
    for what, urls in groups.items():
        if urls:
            yield f"{', '.join(urls[:5])}{f' and {len(urls) - 5} more' if len(urls) > 5 else ''} {what}"


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


def _stamp(source: Input) -> str:
    try:
        return fingerprint(source.url)
    except OSError:
        return ""


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
