"""The errors that Frameline raises; each one's text is meant for a person."""


class FramelineError(Exception):
    """Base of every error that Frameline raises on purpose."""


class CodebookError(FramelineError):
    """A codebook that cannot be read, or that does not fit a checkpoint."""


class CheckpointError(FramelineError):
    """A checkpoint that is missing, damaged or of another format."""


class RegistryError(FramelineError):
    """A registry that is damaged, or that cannot do what was asked."""


class InputError(FramelineError):
    """Input that cannot be labelled.

    Args:
        field: where the fault is, for instance ``actors[1]``; empty when it is the whole input.
        message: what is wrong and what would be right.
    """

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message
        super().__init__(f"{field}: {message}" if field else message)


class FaultsError(FramelineError):
    """Everything that is wrong with a set of files, reported at once.

    Args:
        faults: one line a fault, ``file:line: field: what is wrong``.
    """

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))
