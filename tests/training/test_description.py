from model.annotation import Annotation
from model.articles import Article
from model.codebook import Codebook
from training.description import describe_annotations, distinct, near_duplicate_share

SENTENCE = list("abcdefghijklmnop")


def test_distinct_counts_different_trigrams() -> None:
    assert distinct([["a", "b", "c", "d"], ["a", "b", "c"]], 3) == 2 / 3
    assert distinct([["a"]], 3) == 0


def test_near_duplicates_are_found() -> None:
    other = list("qrstuvwxyz0123456")
    assert near_duplicate_share([SENTENCE, other]) == 0
    assert near_duplicate_share([SENTENCE, [*SENTENCE[:-1], "q"], other, ["short"]]) == 0.5


def test_describes_what_is_there(annotations: list[Annotation], codebook: Codebook) -> None:
    article = {"conflict": "c", "region": "r", "decade": "1990s", "genre": "wire", "writer": "1"}
    articles = [Article(document=name, **article) for name in ("d1", "d2", "elsewhere")]
    found = describe_annotations(annotations, articles, codebook)
    assert found.sentences == 60
    assert found.documents == 30
    assert found.frames == {"guarding": 30, "fleeing": 30}
    assert found.no_frame == 0
    assert found.stances == {"supportive": 0, "neutral": 30, "critical": 30}
    assert found.genres == {"wire": 2}
    assert found.near_duplicates == 1
