"""Whatever bytes a file has, nothing is raised, and its extents, read in any order, make up the whole."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.archive.article import Article, Columns, Extent, Rejection, Survey
from service.archive.articles import read
from service.archive.inputs import find_inputs
from service.archive.surveys import survey
from tests.service.archive.samples import arrow, delimited, jsonl, make_rows, make_text, pack, page, parquet, warc

_ROWS = make_rows(9)
_SOUND = {
    ".jsonl": jsonl(_ROWS),
    ".csv": delimited(_ROWS),
    ".tsv": delimited([{**row, "text": row["text"].replace(". ", '.\n"Quoted". ')} for row in _ROWS], "\t"),
    ".parquet": parquet(_ROWS, group=4),
    ".arrow": arrow(_ROWS, group=4),
    ".txt": make_text(1).encode(),
    ".html": page(1),
    ".warc": b"".join(warc(5)),
}
_SOUND |= {
    ".jsonl.gz": pack(_SOUND[".jsonl"], "gzip"),
    ".csv.zst": pack(_SOUND[".csv"], "zstd"),
    ".warc.gz": b"".join(pack(record, "gzip") for record in warc(5)),
}


@st.composite
def mutations(draw: st.DrawFn) -> list[tuple[float, int, bytes]]:
    """Places in a file as shares of it, how many bytes are gone there, and what stands there instead."""
    pieces = st.one_of(
        st.binary(max_size=6),
        st.sampled_from([b'"', b"\n", b'"\n', b"\0", b"\r", b",", b"{", b"\xff\xfe", b"\xef\xbb\xbf"]),
    )
    return draw(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), pieces), max_size=6))


@pytest.mark.parametrize("suffix", _SOUND)
@settings(max_examples=40, deadline=None)
@given(
    changes=mutations(), made=st.none() | st.binary(max_size=200), records=st.integers(1, 4), size=st.integers(1, 900)
)
def test_any_bytes_are_read_whole_and_in_extents(
    suffix: str,
    changes: list[tuple[float, int, bytes]],
    made: bytes | None,
    records: int,
    size: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.unlink(missing_ok=True)
    path.write_bytes(_change(_SOUND[suffix], changes) if made is None else made)
    whole = _survey(path, 10**6, 1 << 30)
    parts = _survey(path, records, size)
    expected = [record for extent in whole.extents for record in _read(extent, whole)]

    extents = list(parts.extents)
    Random(records).shuffle(extents)
    found = {extent.first: _read(extent, parts) for extent in extents}

    assert [record for first in sorted(found) for record in found[first]] == expected
    assert parts.model_copy(update={"extents": ()}) == whole.model_copy(update={"extents": ()})
    assert len(expected) == whole.records
    assert [record.place.record for record in expected] == list(range(whole.records))


def test_a_stray_quote_costs_its_own_row_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(_SOUND[".csv"].replace(b"\r\n", b'\r\nx,"stray,o,1\r\n', 1))
    found = _survey(path, 3, 1 << 20)
    records = [record for extent in found.extents for record in _read(extent, found)]
    assert [isinstance(record, Rejection) for record in records] == [True] + [False] * 9
    assert records[0].place.line == 2


def _change(content: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for share, gone, piece in changes:
        place = int(share * len(content))
        content = content[:place] + piece + content[place + gone :]
    return content


def _survey(path: Path, records: int, size: int) -> Survey:
    (source,) = find_inputs([str(path)])
    return survey(source, Columns(), records=records, size=size)


def _read(extent: Extent, found: Survey) -> list[Article | Rejection]:
    return list(read(extent, Columns(), found.columns))
