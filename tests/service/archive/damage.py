"""Two hundred damaged inputs of all kinds, the same whenever they are made, each with what must be named of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

from service.archive.html import PAGE_LIMIT
from tests.service.archive.samples import (
    arrow,
    delimited,
    jsonl,
    make_rows,
    make_text,
    pack,
    page,
    parquet,
    response,
    warc,
)

#: Sound records in each input beside the damaged one.
SOUND = 24

#: A suffix, the bytes, and what must be named.
Damaged = tuple[str, bytes, str]

_NOT_JSON, _NO_OBJECT = "not JSON: ", "not a JSON object"
_CUT_OFF = "cut off"
_LARGE = 10 << 20
_BAD_LINES = (
    (b'{"id": "x", "text": "The harbour', _NOT_JSON),
    (b'{"id": "x" "text": "The harbour is closed."}', _NOT_JSON),
    (b"The harbour is closed.", _NOT_JSON),
    (b'["x", "The harbour is closed."]', _NO_OBJECT),
    (b'"The harbour is closed."', _NO_OBJECT),
    (b"null", _NO_OBJECT),
    (b'{"text": ' + b"[" * 100_000, "stand too deeply in one another"),
    (b'{"text": 17}', "text: 17 is no string"),
    (b'{"text": ["The harbour is closed."]}', "is no string"),
    (b'{"text": {"body": null}}', "is no string"),
    (b'{"text": true}', "text: True is no string"),
    (b'{"id": [null, {"a": null}], "text": "The harbour is closed."}', "id: "),
    (b'{"id": 1.5, "text": "The harbour is closed."}', "id: 1.5 is no string"),
    (b'{"id": true, "text": "The harbour is closed."}', "id: True is no string"),
    (b'{"id": " \\u00a0", "text": "The harbour is closed."}', "id: blank"),
    (b'{"text": null, "meta": {"a": [null, null]}}', "text: missing"),
    (b'{"id": "x"}', "text: missing"),
    (b"{}", "text: missing"),
    (b'{"text": ""}', "text: blank"),
    (b'{"text": " \\n\\t\\u00a0"}', "text: blank"),
    (b'{"text": "One.", "text": "Two."}', "the key 'text' stands twice"),
    (b'{"id": "x", "text": "One.", "outlet": 1, "outlet": 2}', "the key 'outlet' stands twice"),
    (b'{"text": "The \\ud800 harbour."}', "half of a surrogate pair"),
    (b'{"text": "The harbour.", "outlet": "\\udfff"}', "outlet: half of a surrogate pair"),
    (b'{"text": "The \\u0000 harbour."}', "NUL"),
    (b'{"text": "The harbour.", "actors": "Mara Voss"}', "actors: "),
    (b'{"text": "The harbour.", "actors": ["Mara Voss"]}', "actors[0]: 'Mara Voss' does not occur"),
    (b'{"text": "The harbour.", "actors": ["harbour", null]}', "actors[1]: None is no string"),
    (b'{"text": "The harbour.", "actors": ["harbour", " "]}', "actors[1]: blank"),
    (b'{"text": "The harbour.", "actors": {"harbour": null}}', "actors: "),
    ("Der Hafen wurde geräumt.".join(('{"text": "', '"}')).encode("latin-1"), "not UTF-8 at byte"),
    (b'{"text": "The harbour.", "outlet": "\xff\xfe"}', "not UTF-8 at byte"),
)
_BAD_ROWS = (
    (b"x,only two", "has 2 cells and the first line names 4 columns"),
    (b"x,The harbour.,outlet,2001,more,and more", "has 6 cells and the first line names 4 columns"),
    (b" ,The harbour.,outlet,2001", "id: blank"),
    (b"x,,outlet,2001", "text: missing"),
    (b"x,  ,outlet,2001", "text: blank"),
    (b'x,"The harbour,outlet,2001', "quote"),
    (b'x,"The "harbour" closed.",outlet,2001', "double quotes within a cell"),
    (b"x,The \0harbour.,outlet,2001", "NUL"),
    (b"x,Der Hafen wurde ger\xe4umt.,outlet,2001", "not UTF-8 at byte"),
    (b"x,The harbour.,out\rlet,2001", "carriage return"),
)


def write_damaged(folder: Path) -> list[tuple[Path, str]]:
    """Write the inputs; of each its path, and words that a reason or a fault must contain."""
    written = []
    for number, (suffix, content, named) in enumerate(_make_all(Random(20))):
        path = folder / f"damaged-{number:03d}{suffix}"
        path.write_bytes(content)
        written.append((path, named))
    return written


def _make_all(chance: Random) -> Iterator[Damaged]:
    yield from _bad_lines(chance)
    yield from _bad_rows(chance)
    yield from _whole_tables()
    yield from _compressed(chance)
    yield from _bombs()
    yield from _parquet(chance)
    yield from _pages()
    yield from _crawls(chance)
    yield from _texts()


def _insert(lines: list[bytes], line: bytes, chance: Random, first: int = 0) -> bytes:
    place = chance.randrange(first, len(lines) + 1)
    return b"\n".join([*lines[:place], line, *lines[place:]]) + b"\n"


def _bad_lines(chance: Random) -> Iterator[Damaged]:
    lines = jsonl(make_rows(SOUND)).splitlines()
    for line, named in _BAD_LINES:
        content = _insert(lines, line, chance)
        yield ".jsonl", content, named
        yield ".jsonl.gz", pack(content, "gzip"), named
    yield (
        ".jsonl",
        _insert(lines, json.dumps({"text": "a " * (_LARGE // 2)}).encode(), chance),
        f"more than {_LARGE} bytes",
    )
    yield ".jsonl", b"\n".join(lines).decode().encode("utf-32"), "UTF-32"
    yield ".jsonl", b"\xff\xfe" + b"\n".join(lines), "not"
    yield (
        ".jsonl",
        jsonl([{"body": make_text(number), "name": "x"} for number in range(SOUND)]),
        "there are: body, name",
    )


def _bad_rows(chance: Random) -> Iterator[Damaged]:
    lines = delimited(make_rows(SOUND)).splitlines()
    for line, named in _BAD_ROWS:
        for _ in range(2):
            content = _insert(lines, line, chance, first=1)
            yield ".csv", content, named
            yield ".csv.zst", pack(content, "zstd"), named
        yield (
            ".tsv",
            _insert([line.replace(b",", b"\t") for line in lines], line.replace(b",", b"\t"), chance, 1),
            named,
        )
    yield (
        ".csv",
        _insert(lines, b'x,"' + b"a " * (_LARGE // 2) + b'",outlet,2001', chance, 1),
        f"more than {_LARGE} bytes",
    )


def _whole_tables() -> Iterator[Damaged]:
    sound = delimited(make_rows(SOUND))
    yield ".csv", sound.replace(b"id,text,", b"id,body,"), "there are: id, body, outlet, year"
    yield ".csv", sound.replace(b"id,text,", b"id,id,"), "stand twice in the first line: id"
    yield ".csv", sound.decode().encode("utf-16-le"), "UTF-16"
    yield ".csv", b"", "the file is empty"
    yield ".tsv", b"\n\n", "the file is empty"
    yield ".csv", sound.replace(b"\r\n", b"\r"), "carriage return"
    yield ".csv", b"\xe4" + sound, "not UTF-8 at byte 0"


def _compressed(chance: Random) -> Iterator[Damaged]:
    rows = make_rows(SOUND * 40)
    for suffix, content in ((".jsonl", jsonl(rows)), (".csv", delimited(rows))):
        for ending, compression in ((".gz", "gzip"), (".zst", "zstd")):
            packed = pack(content, compression)
            for _ in range(3):
                yield suffix + ending, packed[: chance.randrange(len(packed) // 8, len(packed) - 1)], _CUT_OFF
            place = chance.randrange(len(packed) // 3, len(packed) // 2)
            yield suffix + ending, packed[:place] + bytes(16) + packed[place + 16 :], f"{compression} data are damaged"
            yield suffix + ending, content, f"{compression} data are damaged"
            yield suffix + ending, packed + b"and more", f"{compression} data are damaged"


def _bombs() -> Iterator[Damaged]:
    zeros = bytes(34 << 20)
    row = jsonl(make_rows(1))
    for suffix, compression in ((".jsonl.gz", "gzip"), (".jsonl.zst", "zstd")):
        yield suffix, pack(zeros, compression), "zip bomb"
        yield suffix, pack(row + zeros, compression), "zip bomb"
    yield ".csv.gz", pack(b"id,text\n" + zeros, "gzip"), "zip bomb"
    yield ".txt.zst", pack(zeros, "zstd"), f"more than {_LARGE} bytes"


def _parquet(chance: Random) -> Iterator[Damaged]:
    rows = make_rows(SOUND)
    for suffix, content, name in ((".parquet", parquet(rows), "Parquet"), (".arrow", arrow(rows), "Arrow")):
        yield suffix, content[: len(content) // 2], name
        yield suffix, content[:-1], name
        yield suffix, b"", name
        yield suffix, jsonl(rows), name
    for _ in range(3):
        broken = bytearray(parquet(rows))
        place = broken.index(b"Dispatch", chance.randrange(len(broken) // 2))
        broken[place - 4 : place] = b"\xff\xff\xff\x7f"  # the length of a string
        yield ".parquet", bytes(broken), "is damaged"
    for make, suffix in ((parquet, ".parquet"), (arrow, ".arrow")):
        yield suffix, make([{"id": row["id"], "body": row["text"]} for row in rows]), "there are: id, body"
        yield suffix, make([*rows, {"id": "x", "text": None}]), "text: missing"
        yield suffix, make([*rows, {"id": "x", "text": " "}]), "text: blank"
        yield suffix, make([*rows, {"id": " ", "text": "The harbour is closed."}]), "id: blank"
        yield suffix, make([{"id": "x", "text": 17}]), "text: 17 is no string"
        content = make(rows).replace(b"Dispatch 5.", b"Dispatch \xe4.")
        yield suffix, content, "text: cannot be read"


def _pages() -> Iterator[Damaged]:
    for content in (
        b"",
        b"<html></html>",
        b"<html><body><script>let harbour = 1;</script></body></html>",
        bytes(range(256)) * 8,
    ):
        yield ".html", content, "no main text"
        yield ".html.gz", pack(content, "gzip"), "no main text"
    yield ".html.gz", pack(page(1), "gzip")[:-20], _CUT_OFF
    yield ".html", b"<p>" + b"a " * (_LARGE // 2) + b"</p>", f"more than {PAGE_LIMIT} bytes"


def _crawls(chance: Random) -> Iterator[Damaged]:
    html = "Content-Type: text/html"
    for bad, named in (
        (response(99, b"<html></html>"), "no main text"),
        (response(99, b"no gzip", f"{html}\r\nContent-Encoding: gzip"), "does not decode"),
        (response(99, page(99)[:40], f"{html}\r\nTransfer-Encoding: chunked"), "does not decode"),
        (
            response(99, pack(bytes(34 << 20), "gzip"), f"{html}\r\nContent-Encoding: gzip"),
            f"more than {PAGE_LIMIT} bytes",
        ),
    ):
        records = warc(SOUND)
        records.insert(chance.randrange(SOUND), bad)
        yield ".warc", b"".join(records), named
        yield ".warc.gz", b"".join(pack(record, "gzip") for record in records), named
    whole = b"".join(warc(SOUND))
    for share in (3, 5):
        yield ".warc", whole[: len(whole) * share // 7 + 9], _CUT_OFF
        packed = b"".join(pack(record, "gzip") for record in warc(SOUND))
        yield ".warc.gz", packed[: len(packed) * share // 7 + 9], _CUT_OFF
    yield ".warc", whole.replace(b"WARC/1.1", b"WORC/1.1"), "no WARC record"
    yield ".warc", make_text(1).encode(), "no WARC record"


def _texts() -> Iterator[Damaged]:
    for content, named in (
        (b"", "text: blank"),
        (b" \n\t\r\n", "text: blank"),
        ("Der Hafen wurde geräumt.".encode("latin-1"), "not UTF-8 at byte 19"),
        (make_text(1).encode("utf-16-le"), "NUL"),
        (make_text(1).encode("utf-16")[:-1], "not UTF-16-LE at byte"),
        (make_text(1).encode("utf-32"), "UTF-32"),
    ):
        yield ".txt", content, named
