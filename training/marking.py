"""Whether annotations say which actors a sentence mentions."""

from collections.abc import Sequence

from model.annotation import Annotation

#: The annotator of a table's sentences.
TABLE = "table"


def can_mark(annotation: Annotation) -> bool:
    """Whether a sentence's annotator marks actors where there are any; a table has labels of frames alone."""
    return annotation.annotator != TABLE or bool(annotation.actors)


def actors_marked(annotations: Sequence[Annotation]) -> list[bool]:
    """Of each sentence of a set whether its actors are marked: where no sentence has any, nobody has marked them."""
    marked = any(one.actors for one in annotations)
    return [marked and can_mark(one) for one in annotations]
