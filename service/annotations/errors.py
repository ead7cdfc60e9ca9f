"""What can go wrong with the database of annotations."""

from model.errors import FramelineError


class StoreError(FramelineError):
    """The database cannot be used now; its text says why, without texts or passwords.

    Args:
        reason: why.
        passing: whether the same is likely to work in a moment.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing


class ConflictError(FramelineError):
    """What is to be kept contradicts what is kept already.

    Args:
        faults: what is wrong, each with the way to its field below the request's body.
    """

    def __init__(self, faults: list[tuple[tuple[str | int, ...], str]]) -> None:
        super().__init__("; ".join(message for _, message in faults))
        self.faults = faults
