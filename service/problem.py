"""What a service says is wrong with a request."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, ValidationError

_BODY = "body"
_DOCUMENTS = "documents"


class ProblemFault(BaseModel):
    """One thing that is wrong; ``loc`` leads to the field."""

    loc: tuple[str | int, ...]
    msg: str

    @property
    def path(self) -> tuple[str | int, ...]:
        """The way to the field from the top of the request's body."""
        return self.loc[1:] if self.loc[:1] == (_BODY,) else self.loc

    @property
    def document(self) -> int | None:
        """The position of the document that is at fault (from 0), None where it is the whole request."""
        match self.path:
            case (str(name), int(number), *_) if name == _DOCUMENTS:
                return number
        return None


class Problem(BaseModel):
    """The body of an answer that is an error: problem details (RFC 9457), or FastAPI's ``detail``.

    Members that are not known are ignored, as the RFC asks.
    """

    title: str = ""
    detail: str | tuple[ProblemFault, ...] = ""
    errors: tuple[ProblemFault, ...] = ()

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read a body; one that is neither form is an empty problem."""
        try:
            return cls.model_validate_json(content)
        except ValidationError:
            return cls()

    @property
    def faults(self) -> tuple[ProblemFault, ...]:
        """Everything that is wrong, as far as it is listed."""
        return self.errors or (() if isinstance(self.detail, str) else self.detail)

    @property
    def message(self) -> str:
        """What is wrong in one line; empty where the answer does not say."""
        said = self.detail if isinstance(self.detail, str) and self.detail else self.title
        return "; ".join(_line(fault.path, fault.msg) for fault in self.faults) or said

    def first_document(self, size: int) -> int | None:
        """The position of the first document at fault, of ``size`` documents; None where none is named."""
        named = [fault.document for fault in self.faults if fault.document is not None]
        return min((number for number in named if 0 <= number < size), default=None)

    def describe_only(self) -> tuple[str, str]:
        """Field and message of what is wrong with a request's only document, where it is not named."""
        if any(fault.path != (_DOCUMENTS,) for fault in self.faults):
            return "", self.message
        return "text", "; ".join(fault.msg for fault in self.faults) or self.message

    def describe(self, document: int) -> tuple[str, str]:
        """Field and message of what is wrong with the document at a position; further fields follow the first."""
        (first, *others) = [fault for fault in self.faults if fault.document == document]
        return _field(first.path[2:]), "; ".join([first.msg, *(_line(other.path[2:], other.msg) for other in others)])


def _line(path: Sequence[str | int], message: str) -> str:
    return f"{_field(path)}: {message}" if path else message


def _field(path: Sequence[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
