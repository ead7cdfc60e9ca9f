"""Sound files of every format, made on the spot; the sentences are our own."""

import csv
import gzip
import io
import json
import sys
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fastwarc.warc import WarcRecord, WarcRecordType

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SENTENCES = (
    "The army closed the road to the harbour before dawn.",
    "Families waited for bread at the northern gate.",
    "Mara Voss told reporters that the talks would go on.",
    "A drone struck the mill, and the miller's sons put out the fire.",
    "The ministry called the report an insult to the dead.",
    "Nobody could say who had ordered the guards to leave.",
)


def make_text(number: int) -> str:
    """An article that no other number has."""
    chosen = [SENTENCES[(number + step) % len(SENTENCES)] for step in range(3)]
    return f"Dispatch {number}. " + " ".join(chosen)


def make_rows(count: int) -> list[dict[str, Any]]:
    return [
        {"id": f"d{number}", "text": make_text(number), "outlet": f"outlet {number % 3}", "year": 2000 + number}
        for number in range(count)
    ]


def jsonl(rows: list[Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def delimited(rows: list[dict[str, Any]], delimiter: str = ",") -> bytes:
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def parquet(rows: list[dict[str, Any]], group: int = 8) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), written, row_group_size=group, compression="none", use_dictionary=False)
    return written.getvalue()


def arrow(rows: list[dict[str, Any]], group: int = 8) -> bytes:
    written = io.BytesIO()
    table = pa.Table.from_pylist(rows)
    with pa.ipc.new_file(written, table.schema) as writer:
        writer.write_table(table, max_chunksize=group)
    return written.getvalue()


def page(number: int) -> bytes:
    """A news page; its text is longer than `make_text`'s, since short pages are taken for none."""
    body = "".join(f"<p>{make_text(number + step)}</p>" for step in range(3))
    return (
        f"<html><head><title>Dispatch {number}</title>"
        f'<meta property="article:published_time" content="2024-03-{number % 28 + 1:02d}T10:00:00Z"></head>'
        f"<body><nav>Home</nav><article><h1>Dispatch {number}</h1>{body}</article></body></html>"
    ).encode()


def response(
    number: int, body: bytes, head: str = "Content-Type: text/html; charset=utf-8", status: str = "200 OK"
) -> bytes:
    """A record of a crawl."""
    record = WarcRecord()
    record.init_headers(record_type=WarcRecordType.response, record_urn=f"uuid:0000-{number}".encode())
    record.headers["WARC-Date"] = "2024-03-05T10:00:00Z"
    record.headers["WARC-Target-URI"] = f"https://courier.example/{number}"
    record.headers["Content-Type"] = "application/http; msgtype=response"
    record.set_bytes_content(f"HTTP/1.1 {status}\r\n{head}\r\n\r\n".encode() + body)
    written = io.BytesIO()
    record.write(written)
    return written.getvalue()


def warc(count: int) -> list[bytes]:
    return [response(number, page(number)) for number in range(count)]


@cache
def pack(content: bytes, compression: str) -> bytes:
    """Compressed; the same bytes whenever it is done."""
    return gzip.compress(content, mtime=0) if compression == "gzip" else zstd.compress(content)
