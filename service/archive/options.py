"""What decides how the tables of an archive look."""

from model.checkpoint import DEFAULT
from model.codebook import Schema
from service.archive.article import Columns


class ScoreOptions(Schema):
    """The choices of a run on which its tables depend; two runs of the same ones on the same inputs agree."""

    columns: Columns = Columns()
    language: str | None = None
    """Code of the language whose documents are labelled; None means that of the codebook."""
    any_language: bool = False
    """Documents are labelled whatever their language."""
    keep_text: bool = True
    """The sentences' text stands in their table."""
    model: str = str(DEFAULT)
    """The folder of the checkpoint."""
    codebook: str | None = None
    """The file of a codebook with further actors; None means the checkpoint's own."""
    version: str | None = None
    """What the manifest calls the model's version; None means the checkpoint's own."""
