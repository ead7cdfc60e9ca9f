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


def read_whole(stream: Stream) -> bytes:
    """All bytes of a file.

    Raises:
        FaultError: there are more than `LIMIT`.
    """
    content = stream.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise FaultError(f"the file has more than {LIMIT} bytes; split it")
    return content
