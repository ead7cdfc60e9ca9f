"""Whether annotations say which actors a sentence mentions."""

from collections.abc import Sequence

from model.annotation import Annotation


def actors_marked(annotations: Sequence[Annotation]) -> list[bool]:
    """Of each sentence of a set whether its actors are marked: where no sentence has any, nobody has marked them."""
    marked = any(one.actors for one in annotations)
    return [marked] * len(annotations)
