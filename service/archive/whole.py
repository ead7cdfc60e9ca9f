"""Files that are one document each."""

from service.archive.lines import LIMIT
from service.archive.record import FaultError
from service.archive.stream import BLOCK, Stream


def check_whole(stream: Stream) -> None:
    """Read a file as far as `read_whole` does.

    Raises:
        DamageError: it is damaged.
    """
    while stream.position <= LIMIT and stream.read_some(BLOCK):
        pass


def read_whole(stream: Stream, limit: int = LIMIT) -> bytes:
    """All bytes of a file.

    Raises:
        FaultError: there are more than ``limit``.
    """
    content = stream.read(limit + 1)
    if len(content) > limit:
        raise FaultError(f"the file has more than {limit} bytes; split it, or save its text as a file of its own")
    return content
