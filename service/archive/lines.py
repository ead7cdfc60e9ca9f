"""The lines of an input: bounded in length, each with its number and place."""

from collections.abc import Iterator
from typing import NamedTuple

from service.archive.stream import BLOCK, Stream

#: Bytes of a line, and of a record altogether; a news text has a thousandth of that.
LIMIT = 10 << 20


class Line(NamedTuple):
    """One line; ``content`` is None where it is longer than `LIMIT`."""

    number: int
    offset: int
    content: bytes | None


class EncodingError(ValueError):
    """Bytes that are none of their encoding; the text says where, and what helps."""


def read_lines(stream: Stream, number: int = 1) -> Iterator[Line]:
    """The lines from here on, the first of which has that number.

    Raises:
        DamageError: the file is damaged behind the line before.
    """
    offset = stream.position
    take = _take_utf16 if stream.encoding.startswith("utf-16") else _take
    while content := take(stream, LIMIT + 2):
        size = len(content)
        if size > LIMIT:
            while content and not _ends(stream, content):
                content = take(stream, BLOCK)
                size += len(content)
            yield Line(number, offset, None)
        else:
            yield Line(number, offset, content)
        offset += size
        number += 1


def decode(content: bytes, encoding: str, offset: int) -> str:
    """The text of some bytes.

    Args:
        content: the bytes.
        encoding: theirs.
        offset: where they stand in the file.

    Raises:
        EncodingError: they are of another encoding.
    """
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise EncodingError(
            f"not {encoding.upper()} at byte {offset + error.start} of the file; convert the file to UTF-8"
        ) from None


def _take(stream: Stream, limit: int) -> bytes:
    return stream.readline(limit)


def _take_utf16(stream: Stream, limit: int) -> bytes:
    """A line in UTF-16; the byte of a line feed is a part of other characters, too."""
    line = bytearray()
    while len(line) < limit and (piece := stream.readline(limit - len(line))):
        line += piece
        if stream.encoding == "utf-16-le" and len(line) % 2 and line.endswith(b"\n"):
            line += stream.read(1)
        if _ends(stream, line):
            break
    return bytes(line)


def _ends(stream: Stream, line: bytes | bytearray) -> bool:
    """Whether a line feed is the last character."""
    if stream.encoding == "utf-8":
        return line.endswith(b"\n")
    return len(line) % 2 == 0 and line.endswith(b"\n\0" if stream.encoding == "utf-16-le" else b"\0\n")
