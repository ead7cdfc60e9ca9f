"""Receiving a file: piece by piece to the disk, and never more than is allowed."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from starlette.requests import Request

from service.body import media_type, utf8_type
from service.jobs.bounds import Bounds, writing
from service.jobs.naming import name_file
from service.problems import SOON, ProblemError, fault

FORM = "multipart/form-data"
#: The part of a form that is the file, where it has no file name of its own.
FILE = "file"
_BLOCK = 1 << 20
_FIELD_BYTES, _PARTS = 10_000, 32


class Received(NamedTuple):
    """What came: the file's name in its folder, and the other fields of the form."""

    name: str
    fields: dict[str, str]


async def receive_file(request: Request, name: str | None, folder: Path, bounds: Bounds) -> Received:
    """Receive a body that is the file itself.

    Raises:
        ProblemError: 408, 413, 415, 422, 503 or 507.
    """
    chosen = name_file(name, utf8_type(request), request.headers.get("content-encoding", "").lower().strip())
    async with _File(folder / chosen, bounds) as file:
        async for chunk in _chunks(request, bounds):
            await file.write(chunk)
    return Received(chosen, {})


async def receive_form(request: Request, name: str | None, folder: Path, bounds: Bounds) -> Received:
    """Receive a form whose one file is the archive, and whose other fields are options.

    Raises:
        ProblemError: 408, 413, 415, 422, 503 or 507.
    """
    from multipart import MultipartError, PushMultipartParser, parse_options_header

    media_type(request)  # whose encoding or character set would be that of the form, not of the file in it
    _, parameters = parse_options_header(request.headers.get("content-type", ""))
    form = _Form(name, folder, bounds)
    try:
        parser = PushMultipartParser(parameters.get("boundary", ""), max_segment_count=_PARTS)
        async for chunk in _chunks(request, bounds):
            for event in parser.parse(chunk):
                await form.take(event)
        parser.close()
    except MultipartError as error:
        raise fault(("body",), "form", f"is no form with headers in UTF-8: {error.args[0]}") from None
    except ValueError as error:
        raise fault(("body",), "form", f"is no form: {error}") from None
    finally:
        form.close()
    return form.received()


class _Form:
    """Sorts the parts of a form: the file to the disk, the others into fields."""

    def __init__(self, name: str | None, folder: Path, bounds: Bounds) -> None:
        self._given = name
        self._folder = folder
        self._bounds = bounds
        self._fields: dict[str, bytes] = {}
        self._field: str | None = None
        self._file: _File | None = None
        self._name: str | None = None

    async def take(self, event: object) -> None:
        """Take a part's head, a piece of it, or its end."""
        if event is None:
            if self._field is None and self._file is not None:
                await self._file.finish()
        elif isinstance(event, (bytes, bytearray)):
            await self._add(bytes(event))
        else:
            self._begin(event)

    def _begin(self, head: object) -> None:
        name, file_name = str(getattr(head, "name", "")), getattr(head, "filename", None)
        if file_name is None and name != FILE:
            self._field = name
            if name in self._fields:
                raise fault(("body", name), "twice", "is given twice")
            self._fields[name] = b""
            return
        if self._file is not None:
            raise fault(("body", name), "too_many", "is a second file; send one file a job")
        self._field = None
        self._name = name_file(self._given or file_name, (getattr(head, "content_type", None) or "").lower())
        self._file = _File(self._folder / self._name, self._bounds)

    async def _add(self, piece: bytes) -> None:
        if self._field is None:
            if self._file is not None:
                await self._file.write(piece)
            return
        self._fields[self._field] += piece
        if len(self._fields[self._field]) > _FIELD_BYTES:
            raise fault(("body", self._field), "too_long", f"has more than {_FIELD_BYTES} bytes")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def received(self) -> Received:
        if self._name is None:
            raise fault(("body", FILE), "missing", "a form needs the file, as curl -F file=@news.jsonl sends it")
        return Received(self._name, {name: _decode(name, value) for name, value in self._fields.items()})


class _File:
    """A file that is written in blocks, in other threads, so that the service goes on answering."""

    def __init__(self, path: Path, bounds: Bounds) -> None:
        self._bounds = bounds
        self._block = bytearray()
        self._size = 0
        self._stream: BinaryIO = path.open("xb")

    async def write(self, piece: bytes) -> None:
        self._size += len(piece)
        self._bounds.check_size(self._size)
        self._bounds.room.take(len(piece))
        self._block += piece
        if len(self._block) >= _BLOCK:
            await self._flush()

    async def finish(self) -> None:
        """Bring all of it to the disk.

        Raises:
            ProblemError: 422 if it is empty.
        """
        if not self._size:
            raise fault(("body",), "empty", "the file is empty")
        await self._flush()
        await asyncio.to_thread(os.fsync, self._stream.fileno())

    def close(self) -> None:
        self._stream.close()

    async def _flush(self) -> None:
        block, self._block = self._block, bytearray()
        with writing():
            await asyncio.to_thread(_write, self._stream, block)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                await self.finish()
        finally:
            self.close()


def _decode(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise fault(("body", name), "encoding", "is not UTF-8") from None


def _write(stream: BinaryIO, block: bytearray) -> None:
    stream.write(block)
    stream.flush()


async def _chunks(request: Request, bounds: Bounds) -> AsyncIterator[bytes]:
    """The pieces of a body, as they come."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit():
        bounds.check(int(declared))
    stream = request.stream()
    while True:
        if bounds.stopping():
            raise ProblemError(503, "the service is stopping; send the file again", headers=SOON)
        try:
            async with asyncio.timeout(bounds.seconds):
                chunk = await anext(stream, None)
        except TimeoutError:
            raise ProblemError(408, f"nothing came for {bounds.seconds:g} seconds") from None
        if chunk is None:
            return
        if chunk:
            yield chunk
