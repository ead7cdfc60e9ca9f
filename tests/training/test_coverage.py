import pytest

from model.annotation import Annotation, Span
from model.labeller import Labeller
from training.coverage import LEVELS, measure_coverage
from training.examples import Example, from_annotations


def test_everything_is_kept_at_0_and_ever_less_after(labeller: Labeller, annotations: list[Annotation]) -> None:
    table = measure_coverage(labeller, from_annotations(annotations), "all")
    assert [level.min_confidence for level in table.coverage] == list(LEVELS)
    for kind in ("frames", "stances"):
        shares = [getattr(level, kind).share for level in table.coverage]
        assert shares[0] == 1
        assert shares == sorted(shares, reverse=True)


def test_what_is_kept_is_judged(labeller: Labeller) -> None:
    text = "Voss fled"
    (sentence,) = labeller.classify(text, ["Voss"], split=False).sentences
    (actor,) = sentence.actors
    present = {score.frame for score in sentence.frames if score.present}
    span = Span(start=0, end=4)
    right = Example(text, "d", ((span, actor.stance),), tuple(present))
    other = next(stance for stance in labeller.codebook.stance_ids if stance != actor.stance)
    wrong = Example(text, "e", ((span, other),), tuple({"guarding", "fleeing"} - present))
    level = measure_coverage(labeller, [right, right, right, wrong], "some").coverage[0]
    assert level.frames is not None
    assert level.stances is not None
    assert (level.frames.accuracy, level.stances.accuracy) == (0.75, 0.75)
    assert level.stance_macro_f1 == pytest.approx(6 / 7 / 2)  # over the two stances that occur
    for row in measure_coverage(labeller, [right], "right").coverage:
        assert row.stances is not None
        kept = actor.confidence >= row.min_confidence
        assert (row.stances.share, row.stances.accuracy) == ((1, 1) if kept else (0, None))
        assert (row.stance_macro_f1 is not None) == kept


def test_labels_that_the_data_lacks_are_left_out(labeller: Labeller) -> None:
    example = Example("Voss fled", "d", ((Span(start=0, end=4), None),))
    level = measure_coverage(labeller, [example], "nothing").coverage[0]
    assert (level.frames, level.stances, level.stance_macro_f1) == (None, None, None)
