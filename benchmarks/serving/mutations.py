"""Requests that are wrong in many ways, the same ones for the same seed."""

import gzip
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.serving.client import post
from benchmarks.serving.workload import CLASSIFY

_JSON = "application/json"
_VALID: tuple[Any, ...] = (
    {"text": "Ankara blamed NATO for the shelling of the harbour."},
    {"text": "Families fled. The minister praised Médecins Sans Frontières – “at last”.", "split": False},
    {"documents": [{"id": "a", "text": "Russia left.", "actors": ["Russia"]}, {"text": "Nobody came."}], "split": True},
)
_TOKENS = tuple(
    b'null true NaN -Infinity 1e999 -0 "" [] {} \\u0000 \\ud800 \\udc00\\ud800 \xff \xed\xa0\x80 \xc0\x80 '
    b'\xef\xbb\xbf \xf4\x90\x80\x80 {"text": "documents": "split": "actors": : , ] } [ " \\ /* //'.split()
)
_TEXTS = (
    "", " ", "\x00", "\n" * 200, "\u2028\u2029", "\u202e\u200d\ufeff", "e" + "\u0301" * 300, "𝕹𝕬𝕿𝕺 🇺🇳 👩‍👩‍👧",
    "word" * 2_000, "." * 500, "NATO " * 200, "\ufffe\uffff", "ﷺ" * 50, "İı" * 100,
    "שלום مرحبا 你好。", "<script>{{7*7}}</script>",
)  # fmt: skip
_CONTENT_TYPES = (
    "", "text/plain", "text/html; charset=utf-8", "application/xml", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "multipart/form-data", "application/json; charset=utf-16", "application/json;;;",
    "application/json; charset=nonsense", "application/vnd.api+json", "APPLICATION/JSON", "application/octet-stream",
    'application/json; charset="', "\xff\xfe", "application/json, text/plain", "a" * 4_000, "application/",
)  # fmt: skip
_CHARSETS = ("utf-16", "utf-16-le", "utf-32", "utf-32-be", "utf-8-sig", "utf-7", "latin-1", "cp037", "shift_jis")
_CODINGS = ("gzip", "deflate", "br", "identity", "gzip, gzip", "nonsense", "")


def mutated_requests(count: int, seed: int = 0) -> Iterator[bytes]:
    """Yield so many requests."""
    draw = random.Random(seed)  # noqa: S311
    for _ in range(count):
        yield draw.choice(_KINDS)(draw)


def _send(body: bytes, content_type: str = _JSON, *more: tuple[str, str]) -> bytes:
    return post(CLASSIFY, body, [("Content-Type", content_type), *more])


def _valid(draw: random.Random) -> bytes:
    return json.dumps(draw.choice(_VALID), ensure_ascii=draw.random() < 0.5).encode()


def _damaged(draw: random.Random) -> bytes:
    """A right body with bytes changed, added, taken out and doubled."""
    body = bytearray(_valid(draw))
    for _ in range(draw.randint(1, 8)):
        start = draw.randrange(len(body) + 1)
        end = start + draw.choice((0, 1, 1, 4, 20))
        body[start:end] = draw.choice((b"", draw.choice(_TOKENS), draw.randbytes(1), bytes(body[start:end]) * 2))
    return _send(bytes(body))


def _random(draw: random.Random) -> bytes:
    return _send(draw.randbytes(draw.choice((0, 1, 10, 1_000, 50_000))))


def _nested(draw: random.Random) -> bytes:
    depth = draw.choice((10, 100, 900, 1_100, 20_000, 100_000))
    opening, closing = draw.choice(((b"[", b"]"), (b'{"text":', b"}"), (b'{"documents":[', b"]}")))
    body = opening * depth + b"1" + closing * draw.choice((depth, 0, depth - 1))
    return _send(draw.choice((b"%b", b'{"text":%b}', b'{"documents":[{"text":"a","actors":%b}]}')) % body)


def _number(draw: random.Random) -> bytes:
    number = draw.choice(
        (b"9" * 20, b"9" * 5_000, b"1e999999", b"-1e-999999", b"NaN", b"Infinity", b"0" * 99, b"1." * 9)
    )
    form = draw.choice((b'{"text":%b}', b'{"text":"a","split":%b}', b"%b", b'{"documents":[{"id":%b,"text":"a"}]}'))
    return _send(form % number)


def _surrogate(draw: random.Random) -> bytes:
    half = draw.choice(
        (b"\\ud800", b"\\udfff", b"a\\udc00\\ud83d", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\\ud83d\\ude00")
    )
    forms = (b'{"text":"%b"}', b'{"%b":"a"}', b'{"documents":[{"id":"%b","text":"a"}]}', b'"%b"')
    return _send(draw.choice((*forms, b'{"documents":[{"text":"a","actors":["%b"]}]}')) % half)


def _text(draw: random.Random) -> bytes:
    """Right JSON with unusual texts, ids and mentions, right or not."""
    text, other = draw.choice(_TEXTS), draw.choice(_TEXTS)
    document = {"id": other, "text": text, "actors": [draw.choice((text, other, text[:3]))]}
    body: Any = draw.choice(({"text": text}, {"text": text, "split": False}, {"documents": [document]}))
    return _send(json.dumps(body, ensure_ascii=draw.random() < 0.5).encode())


def _structure(draw: random.Random) -> bytes:
    """Known and unknown fields with values of any kind."""
    return _send(json.dumps(_value(draw, 3)).encode())


def _value(draw: random.Random, depth: int) -> Any:
    if depth == 0 or draw.random() < 0.3:
        return draw.choice((None, True, 0, -1, 1.5, 10**30, "", "NATO", "a\x00b", [], {}))
    if draw.random() < 0.3:
        return [_value(draw, depth - 1) for _ in range(draw.randint(0, 4))]
    names = draw.choices(("text", "documents", "id", "actors", "split", "other", ""), k=draw.randint(0, 4))
    return {name: _value(draw, depth - 1) for name in names}


def _content_type(draw: random.Random) -> bytes:
    body = draw.choice((_valid(draw), b"text=NATO&split=1", b"--x\r\n\r\nNATO\r\n--x--\r\n"))
    return _send(body, draw.choice(_CONTENT_TYPES))


def _charset(draw: random.Random) -> bytes:
    """A right body in one encoding, perhaps declared to be in another."""
    body = json.dumps(draw.choice(_VALID), ensure_ascii=False).encode(draw.choice(_CHARSETS), errors="replace")
    declared = draw.choice(("", f"; charset={draw.choice(_CHARSETS)}"))
    return _send(body, _JSON + declared)


def _coding(draw: random.Random) -> bytes:
    """A body that is compressed, or only said to be."""
    body = _valid(draw)
    squeezed, bomb = gzip.compress(body, mtime=0), gzip.compress(b" " * 1_000_000, mtime=0)
    body = draw.choice((body, squeezed, squeezed[:-9], bomb))
    return _send(body, _JSON, ("Content-Encoding", draw.choice(_CODINGS)))


_KINDS: tuple[Callable[[random.Random], bytes], ...] = (
    _damaged, _random, _nested, _number, _surrogate, _text, _structure, _content_type, _charset, _coding,
)  # fmt: skip
