"""The bytes of an input from its begin to its end, decompressed in blocks, so that its size costs no memory."""

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from service.archive.article import Input
from service.archive.parking import resume
from service.archive.storage import open_stored

BLOCK = 1 << 20
#: A compressed file that grows more than so many times is no text (Zstandard finds copies of whole articles) ...
RATIOS = {"gzip": 400, "zstd": 4000}
#: ... once it has grown to so many bytes.
RATIO_FROM = 32 << 20

_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, zstd.ZstdError)
_MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_UTF8_MARK = b"\xef\xbb\xbf"


class DamageError(Exception):
    """A file that cannot be read beyond some place; the text says why and what helps."""


class Stored(io.RawIOBase):
    """A file as it is stored; counts what is read of it, and tells it to ``digest``, with which nobody can seek."""

    def __init__(self, file: BinaryIO, digest: Any = None) -> None:
        self.file = file
        self._digest = digest
        self.count = 0

    def readable(self) -> bool:  # noqa: D102
        return True

    def seekable(self) -> bool:  # noqa: D102
        return self._digest is None

    def tell(self) -> int:  # noqa: D102
        return self.count if self._digest is not None else self.file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:  # noqa: D102
        return self.file.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:  # noqa: D102
        size: int = self.file.readinto(buffer)  # type: ignore[attr-defined]
        self.count += size
        if self._digest is not None:
            self._digest.update(buffer[:size])
        return size


class Inflated(io.RawIOBase):
    """What a compressed file holds.

    Args:
        stored: the file.
        compression: ``gzip`` or ``zstd``.
    """

    def __init__(self, stored: Stored, compression: str) -> None:
        opened = io.BufferedReader(stored, BLOCK)
        self._source: Any = gzip.GzipFile(fileobj=opened) if compression == "gzip" else zstd.ZstdFile(opened)
        self._stored = stored
        self._compression = compression
        self._count = 0

    def readable(self) -> bool:  # noqa: D102
        return True

    def tell(self) -> int:  # noqa: D102
        return self._count

    def readinto(self, buffer: Any) -> int:
        """Fill a part of ``buffer``.

        Raises:
            DamageError: the file is damaged, or grows beyond all measure.
        """
        try:
            piece = self._source.read1(len(buffer))
        except EOFError:
            raise DamageError(
                f"the file is cut off: its {self._compression} data have no end; what came before is read; "
                "copy or download the file again"
            ) from None
        except _BROKEN as error:
            raise DamageError(
                f"the {self._compression} data are damaged near byte {self._stored.count} of the file ({error}); "
                "what came before is read, but may be wrong, too; copy or download the file again"
            ) from None
        self._count += len(piece)
        ratio = RATIOS[self._compression]
        if self._count > max(RATIO_FROM, ratio * self._stored.count):
            raise DamageError(
                f"grows to more than {ratio} times its size when decompressed, as no text does (a zip bomb?); "
                "what came before is read; decompress the file yourself if it is right"
            )
        buffer[: len(piece)] = piece
        return len(piece)


class Stream:
    """The bytes of an input, decompressed, and the encoding that their first ones tell.

    Args:
        stored: the file.
        compression: ``gzip``, ``zstd`` or None.

    Raises:
        DamageError: not even the first bytes can be read.
    """

    def __init__(self, stored: Stored, compression: str | None) -> None:
        self._stored = stored
        raw = stored if compression is None else Inflated(stored, compression)
        self._reader = io.BufferedReader(raw, BLOCK)
        self.readline: Callable[[int], bytes] = self._reader.readline
        self.read: Callable[[int], bytes] = self._reader.read
        self.read_some: Callable[[int], bytes] = self._reader.read1
        head = self._reader.peek(4)[:4]
        self.encoding = next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
        #: Where the text begins, behind the mark of its encoding.
        self.begin = len(_UTF8_MARK) if head.startswith(_UTF8_MARK) else 2 * (self.encoding != "utf-8")
        if self.encoding == "utf-32":
            raise DamageError("the file is UTF-32; convert it to UTF-8")

    def close(self) -> None:
        """Close the file."""
        self._reader.close()
        self._stored.file.close()

    @property
    def position(self) -> int:
        """The bytes before the next one that is read."""
        return self._reader.tell()

    def go(self, offset: int) -> None:
        """Go to a byte; forward only, where it is compressed."""
        if self._reader.seekable():
            self._reader.seek(offset)
        while (missing := offset - self.position) > 0 and self._reader.read(min(missing, BLOCK)):
            pass


@contextmanager
def open_at(source: Input, offset: int) -> Iterator[Stream]:
    """Open an input and go to a byte of its decompressed content.

    Raises:
        OSError: the file cannot be read.
        DamageError: it is damaged before that byte.
    """
    with resume(source, offset, Stream, lambda: Stream(Stored(open_stored(source.url)), source.compression)) as stream:
        stream.go(max(offset, stream.begin))
        yield stream
