"""Labelled documents as a stream of lines, while the lines to label still come in."""

import asyncio
import logging
from asyncio import Queue, Task, TaskGroup
from typing import NamedTuple

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from service.labelling import MODEL_HEADER, label, model_header
from service.line import read_document, write_problem
from service.lines import Lines
from service.problems import ProblemError, failed
from service.room import Room
from service.streams import Streams
from service.wire import LINES

#: Lines, and their bytes, that are on their way for each thread that labels: enough to keep it busy, and few enough
#: that what others ask for meanwhile does not wait for long.
_LINES = 4
_BYTES = 3_000
#: Seconds between two looks at whether the service is stopping.
_POLL = 0.1

_log = logging.getLogger(__name__)


class _HungUpError(Exception):
    """The client is gone."""


class _Taken(NamedTuple):
    """A line on its way: what will be answered, and the line's size in bytes."""

    answer: Task[bytes]
    size: int


class _Ending(NamedTuple):
    """Why a stream ends before its body."""

    status: int
    reason: str


class Stream(Response):
    """Answers each line of the body with a line, in order, and reads no faster than it is read.

    All lines are labelled by the model that served when the stream began, which its header names.
    A line that is faulty is answered with what is wrong with it. The stream ends early, with a last line that says
    why, when a line is too long, nothing comes or nothing is read for ``max_seconds``, or the service stops. What
    still comes in then is thrown away, so that a client which sends everything before it reads can read.

    Args:
        streams: what all streams share.
        split: False takes each text as one sentence.
    """

    media_type = LINES

    def __init__(self, streams: Streams, split: bool) -> None:
        self._labeller = labeller = streams.scheduler.labeller
        self.status_code = 200
        self.background = None
        self.init_headers(
            {MODEL_HEADER: model_header(labeller), "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        self._streams = streams
        self._settings = streams.settings
        self._split = split
        self._room = Room(_LINES * labeller.threads, _BYTES * labeller.threads)
        self._lines = Lines(self._settings.max_body)
        self._queue: Queue[_Taken | None] = Queue()
        self._taking: asyncio.Timeout | None = None
        self._next = 1
        self._ending: _Ending | None = None
        self._all_received = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; when the client has hung up or does not read, without an end."""
        self._streams.open += 1
        try:
            async with asyncio.timeout(None) as self._whole:
                await self._run(receive, send)
        except TimeoutError:
            return
        finally:
            self._streams.open -= 1

    async def _run(self, receive: Receive, send: Send) -> None:
        try:
            async with TaskGroup() as group:
                reading = group.create_task(self._read(receive, group))
                stopping = group.create_task(self._watch_stop())
                await asyncio.sleep(0)  # the body is asked for first: a client may wait for that before it sends
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                await self._write(send)
                reading.cancel()
                stopping.cancel()
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except* _HungUpError:
            pass

    async def _read(self, receive: Receive, group: TaskGroup) -> None:
        """Take the lines of the body, and then see that the client is still there."""
        try:
            async with asyncio.timeout(None) as self._taking:
                await self._take(receive, group)
        except TimeoutError:  # by _end
            pass
        except ProblemError as error:
            self._ending = _Ending(error.problem.status, error.problem.detail)
            self._next = self._lines.number + 1
        self._taking = None
        self._queue.put_nowait(None)
        while True:
            await self._receive(receive)

    async def _take(self, receive: Receive, group: TaskGroup) -> None:
        position = 0
        while (line := await self._next_line(receive)) is not None:
            self._next = self._lines.number
            await self._room.enter(len(line))
            answer = group.create_task(self._answer(line, self._next, position))
            self._queue.put_nowait(_Taken(answer, len(line)))
            self._next += 1
            position += 1

    async def _next_line(self, receive: Receive) -> bytes | None:
        while (line := self._lines.take()) is None and not self._lines.ended:
            try:
                async with asyncio.timeout(self._settings.max_seconds):
                    message = await self._receive(receive)
            except TimeoutError:
                raise ProblemError(408, f"nothing came for {self._settings.max_seconds:g} seconds") from None
            self._lines.add(message.get("body", b""), message.get("more_body", False))
        return line

    async def _receive(self, receive: Receive) -> Message:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _HungUpError
        if not message.get("more_body", False):
            self._all_received.set()
        return message

    async def _answer(self, line: bytes, number: int, position: int) -> bytes:
        """The line that answers a line."""
        try:
            document = read_document(line, position, self._settings)
            scheduler = self._streams.scheduler
            (labelled,) = await label(
                scheduler, [document], self._split, self._settings, labeller=self._labeller, patient=True
            )
            return labelled.model_dump_json().encode() + b"\n"
        except ProblemError as error:
            return write_problem(error.told(), number, line)
        except Exception:  # that of one line is not that of the others
            _log.exception("line %d of a stream cannot be labelled", number)
            return write_problem(failed().told(), number, line)

    async def _write(self, send: Send) -> None:
        """Write the answers in their order, and at last why there are no more of them."""
        while (taken := await self._queue.get()) is not None:
            await self._send(send, await taken.answer)
            self._room.leave(taken.size)
        if self._ending is not None:
            error = ProblemError(
                self._ending.status, f"{self._ending.reason}; send the lines from {self._next} on again"
            )
            await self._send(send, write_problem(error.told(), self._next))
            await self._linger()

    async def _send(self, send: Send, line: bytes) -> None:
        message = {"type": "http.response.body", "body": line, "more_body": True}
        try:
            async with asyncio.timeout(self._settings.max_seconds):
                await send(message)
        except TimeoutError:
            self._end(_Ending(408, f"nothing was read for {self._settings.max_seconds:g} seconds"))
            await send(message)

    async def _linger(self) -> None:
        """Let a client that is still sending come to its end, before the connection may be closed."""
        try:
            async with asyncio.timeout(self._settings.drain_seconds):
                await self._all_received.wait()
        except TimeoutError:
            pass

    async def _watch_stop(self) -> None:
        while not self._streams.stopping():
            await asyncio.sleep(_POLL)
        self._end(_Ending(503, "the service is stopping"))

    def _end(self, ending: _Ending) -> None:
        """Take no more lines, and give up if what was taken cannot be written within ``max_seconds``."""
        now = asyncio.get_running_loop().time()
        self._whole.reschedule(now + self._settings.max_seconds)
        if self._taking is not None and self._ending is None:
            self._ending = ending
            self._taking.reschedule(now)
