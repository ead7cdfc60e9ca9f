"""The errors of labelling by a service; each one's text is meant for a person."""

from model.errors import FramelineError, InputError
from model.prediction import TextDocument


class ServiceError(FramelineError):
    """A service that cannot be used: it does not answer, refuses the key, or is none of Frameline's."""


class RefusedDocumentError(InputError):
    """A document that a service does not take.

    Args:
        document: the document.
        field: what is wrong in it, for instance ``actors[1]``; empty when it is the whole document.
        message: what is wrong and what would be right.
    """

    def __init__(self, document: TextDocument, field: str, message: str) -> None:
        self.document = document
        super().__init__(field, message)
        #: Field and message.
        self.fault = super().__str__()

    def __str__(self) -> str:
        return f"document {self.document.id!r}: {self.fault}"
