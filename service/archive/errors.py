"""The errors of scoring an archive; each one's text is meant for a person."""

from model.errors import FramelineError


class ArchiveError(FramelineError):
    """What is asked for cannot be done: wrong arguments, inputs that changed, or a folder of another run."""


class StoppedError(FramelineError):
    """A run that had to stop before its end; what is finished stays, and the same command goes on."""


class DiskError(StoppedError):
    """A run that could not write, mostly because the disk is full.

    Args:
        place: what could not be written.
        reason: what the system said.
    """

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"{place}: cannot be written ({reason}). What is finished is kept: make room there, then give the same "
            "command again, which goes on"
        )
