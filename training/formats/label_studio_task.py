"""What is read of a task of Label Studio; everything else that its exports hold is ignored."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_Strings = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]
_User = int | str | dict[str, Any] | None
#: How a user is called of whom the file has the number only.
_USER = "label-studio:"


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Value(_Read):
    """What a result says: where the span is, and the labels, choices or text given."""

    start: int | None = Field(default=None, strict=True)
    end: int | None = Field(default=None, strict=True)
    labels: _Strings = ()
    choices: _Strings = ()
    text: _Strings = ()


class Result(_Read):
    """One entry of an annotation: of a span, of the whole sentence, or a relation between two spans."""

    id: str | None = None
    from_name: str = ""
    type: str
    value: Value = Value()
    from_id: str = ""
    to_id: str = ""
    direction: str = "right"
    labels: tuple[str, ...] = ()


class Completion(_Read):
    """An annotation of a task by one user."""

    id: int | str | None = None
    import_id: int | None = None
    completed_by: _User = None
    updated_by: _User = None
    was_cancelled: bool = False
    result: tuple[Result, ...]

    @property
    def author(self) -> str | None:
        """Who made it; None where the file does not say."""
        return _name(self.completed_by)

    @property
    def editor(self) -> str | None:
        """Who changed it last."""
        return _name(self.updated_by)


class Task(_Read):
    """A sentence with its annotations."""

    id: int | str | None = None
    data: dict[str, Any]
    meta: dict[str, Any] | None = None
    annotations: tuple[Completion, ...] = ()
    drafts: tuple[Any, ...] = ()
    predictions: tuple[Any, ...] = ()

    def fields(self) -> dict[str, Any]:
        """The text, the id, the document and the origin of the sentence, as far as the data has them.

        A sentence that was not written by us has its text under some name, and gets the task's id.
        """
        data = self.data
        texts = [value for value in data.values() if isinstance(value, str)]
        text = data.get("text", texts[0] if len(texts) == 1 else None)
        own = data.get("sentence", data.get("id", None if self.id is None else f"task-{self.id}"))
        found = {"id": own, "document": data.get("document"), "origin": data.get("origin")}
        found["text"] = text if isinstance(text, str) else None
        return {name: str(value) if name == "id" else value for name, value in found.items() if value is not None}

    def annotators(self, key: str) -> dict[str, str]:
        """Annotators by the id with which their annotation came into Label Studio, noted under ``key``."""
        noted = (self.meta or {}).get(key)
        names = noted.get("annotators") if isinstance(noted, dict) else None
        return {number: str(name) for number, name in names.items()} if isinstance(names, dict) else {}


def _name(user: _User) -> str | None:
    if isinstance(user, dict):
        user = user.get("email") or user.get("id")
    if user is None or user == "":
        return None
    return f"{_USER}{user}" if isinstance(user, int) else str(user)
