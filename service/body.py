"""Reading a request's body, of a bounded size."""

import asyncio

from starlette.requests import Request

from service.problems import Fault, ProblemError
from service.wire import JSON

#: How many times the limit is read, and thrown away, before the connection is given up.
_DISCARDED = 4
_CHARSETS = ("", "utf-8", "utf8", "us-ascii")


def media_type(request: Request) -> str:
    """The media type that a request declares, in lower case and without parameters.

    Raises:
        ProblemError: 415 for an encoding or a character set that is not read.
    """
    declared = utf8_type(request)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(415, "compressed bodies are not read here; send the body as it is")
    return declared


def utf8_type(request: Request) -> str:
    """The same, of a body that may have an encoding.

    Raises:
        ProblemError: 415 for a character set that is not read.
    """
    declared, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('"') not in _CHARSETS:
            raise ProblemError(415, f"the character set {value!r} is not read here; send UTF-8")
    return declared.strip()


async def read_json(request: Request, limit: int) -> bytes:
    """The whole body, which is declared as JSON, or not at all.

    Raises:
        ProblemError: 415 for another type, 413 for more than ``limit`` bytes.
    """
    declared = media_type(request)
    if declared not in ("", JSON):
        raise ProblemError(415, f"{declared!r} is not read here; send Content-Type: {JSON}")
    return await read_body(request, limit)


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body.

    Of one that is too large nothing is kept; a few times the limit is still taken off the connection, since many
    clients read no answer before they have sent everything, and find the connection reset.

    Raises:
        ProblemError: 413 for more than ``limit`` bytes, 408 where nothing comes for ``FRAMELINE_MAX_SECONDS``.
    """
    seconds: float = request.app.state.settings.max_seconds
    declared = request.headers.get("content-length", "")
    length = int(declared) if declared.isdigit() else 0
    body = bytearray()
    received = 0
    if length <= limit * _DISCARDED:
        try:
            async with asyncio.timeout(seconds) as patience:
                async for chunk in request.stream():
                    received += len(chunk)
                    if received != length:  # else nothing more is waited for
                        patience.reschedule(asyncio.get_running_loop().time() + seconds)
                    if received > limit * _DISCARDED:
                        break
                    if max(received, length) <= limit:
                        body += chunk
                    else:
                        body.clear()
        except TimeoutError:
            raise ProblemError(408, f"nothing of the body came for {seconds:g} seconds") from None
    if max(received, length) > limit:
        message = f"the body has more than {limit} bytes; send several smaller requests"
        raise ProblemError(413, message, [Fault(loc=("body",), msg=message, type="too_large")])
    return bytes(body)
