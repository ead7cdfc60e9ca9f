"""JSON Lines: one object a line."""

import json
from collections.abc import Callable, Iterator

from model.json_text import explain
from service.archive.article import Columns, Extent, Place, Rejection
from service.archive.lines import LIMIT, EncodingError, Line, decode, read_lines
from service.archive.record import FaultError, Record, reject
from service.archive.stream import Stream, open_at
from service.archive.tally import Tally

_Collect = Callable[[list[tuple[str, object]]], dict[str, object]]


class _Repeated(dict[str, object]):
    """An object in which a key stands twice."""

    key: str


def survey(stream: Stream, tally: Tally) -> None:
    """Count the records; blank lines are none.

    Raises:
        DamageError: the file is damaged behind those that were counted, or no record has a text.
    """
    stream.go(stream.begin)
    for line in read_lines(stream):
        if _is_blank(line, stream.encoding):
            continue
        tally.add(line.offset, line.number)
        try:
            tally.note(_parse(line, stream.encoding, None))
        except FaultError:
            continue
    tally.require_text()


def read(extent: Extent, columns: Columns) -> Iterator[Record | Rejection]:
    """The records of an extent."""
    with open_at(extent.input, extent.offset) as stream:
        record, end = extent.first, extent.first + extent.count
        lines = read_lines(stream, extent.line)
        while record < end and (line := next(lines, None)) is not None:
            if _is_blank(line, stream.encoding):
                continue
            place = Place(extent.input.url, record, line.number)
            try:
                yield Record(place, _parse(line, stream.encoding, _collect))
            except FaultError as error:
                yield reject(place, str(error))
            record += 1


def _is_blank(line: Line, encoding: str) -> bool:
    if line.content is None:
        return False
    if encoding == "utf-8":
        return line.content.isspace()
    return not line.content.decode(encoding, "replace").strip()


def _parse(line: Line, encoding: str, collect: _Collect | None) -> dict[str, object]:
    """The object of a line; a key that stands twice is only found by ``collect``, which takes as long again."""
    if line.content is None:
        raise FaultError(f"the line has more than {LIMIT} bytes; split its text")
    try:
        content = json.loads(decode(line.content, encoding, line.offset).rstrip(), object_pairs_hook=collect)
    except EncodingError as error:
        raise FaultError(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise FaultError(explain(error)) from None
    if isinstance(content, _Repeated):
        raise FaultError(f"the key {content.key!r} stands twice; give it once")
    if isinstance(content, list):
        raise FaultError("not a JSON object but a list; make a line of each object in it: jq -c '.[]' FILE > NEW.jsonl")
    if not isinstance(content, dict):
        raise FaultError('not a JSON object; each line is {"text": …}, with further fields as you like')
    return content


def _collect(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        seen: set[str] = set()
        repeated = _Repeated(fields)
        repeated.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return repeated
    return fields
