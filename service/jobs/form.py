"""Which tables a job has, and in which forms they are given."""

from enum import StrEnum

from service.wire import JSON, LINES


class Table(StrEnum):
    """What can be fetched of a job."""

    SENTENCES = "sentences"
    STANCES = "stances"
    REJECTED = "rejected"
    MANIFEST = "manifest"


class Form(StrEnum):
    """How it is given."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    JSON = "json"

    @property
    def media_type(self) -> str:
        """The media type of the form."""
        return {Form.PARQUET: "application/vnd.apache.parquet", Form.JSONL: LINES, Form.JSON: JSON}[self]


#: The form in which each is given where none is asked for.
DEFAULTS = {
    Table.SENTENCES: Form.PARQUET,
    Table.STANCES: Form.PARQUET,
    Table.REJECTED: Form.JSONL,
    Table.MANIFEST: Form.JSON,
}
