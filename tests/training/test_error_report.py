import pytest

from model.labeller import Labeller
from tests.training.rows import labelled
from training.calibration_error import expected_calibration_error
from training.error_page import render_errors
from training.error_report import SHOWN, report_errors


def test_the_worst_mistakes_come_first(labeller: Labeller) -> None:
    rows = [
        labelled("right", "a", gold=["guarding"], probabilities={"guarding": 0.9, "fleeing": 0.1}),
        labelled("alarm", "b", gold=["fleeing"], probabilities={"guarding": 0.6, "fleeing": 0.7}),
        labelled("worse alarm", "c", probabilities={"guarding": 0.8, "fleeing": 0.1}),
        labelled("miss", "d", gold=["guarding"], probabilities={"guarding": 0.4, "fleeing": 0.1}),
        labelled("worse miss", "e", gold=["guarding"], probabilities={"guarding": 0.2, "fleeing": 0.1}),
    ]
    report = report_errors(labeller, rows, {}, "some")
    guarding, fleeing = report.frames
    assert guarding.threshold == 0.5
    assert guarding.counts == (1, 2, 2)
    assert [mistake.annotation.id for mistake in guarding.false_alarms] == ["worse alarm", "alarm"]
    assert [mistake.annotation.id for mistake in guarding.misses] == ["worse miss", "miss"]
    assert guarding.false_alarms[1].given == ("fleeing", "guarding")
    assert (fleeing.false_alarms, fleeing.misses) == ((), ())
    # every guarding probability has a bin of its own
    distances = [1 - 0.9, 0.6, 0.8, 1 - 0.4, 1 - 0.2]
    assert expected_calibration_error(guarding.bins) == pytest.approx(sum(distances) / 5)


def test_stances_are_crossed(labeller: Labeller) -> None:
    text = "Arland and Voss met NL and US"
    actors = [
        ("Arland", "neutral", (0.1, 0.7, 0.2)),
        ("Voss", "neutral", (0.6, 0.3, 0.1)),
        ("NL", "neutral", (0.05, 0.05, 0.9)),
        ("US", "neutral", None),
    ]
    rows = [labelled("s", text, probabilities={"guarding": 0.1, "fleeing": 0.1}, actors=actors)]
    supportive, neutral, critical = report_errors(labeller, rows, {}, "some").stances
    assert neutral.given == {"neutral": 1, "supportive": 1, "critical": 1, None: 1}
    assert (neutral.support, neutral.wrong) == (4, 2)
    worst, other = neutral.mistakes
    assert (worst.given.mention, worst.confidence) == ("NL", 0.9)
    assert text[other.mention.start : other.mention.end] == "Voss"
    assert supportive.support == critical.support == 0


def test_only_the_worst_are_kept_and_all_are_counted(labeller: Labeller) -> None:
    rows = [
        labelled(str(number), "a", probabilities={"guarding": 0.5 + number / 100, "fleeing": 0})
        for number in range(SHOWN + 5)
    ]
    (guarding, _) = report_errors(labeller, rows, {}, "some").frames
    assert len(guarding.false_alarms) == SHOWN
    assert guarding.counts.false_alarms == SHOWN + 5
    assert guarding.false_alarms[0].annotation.id == str(SHOWN + 4)


def test_frames_that_exclude_each_other_have_no_threshold(labeller: Labeller, monkeypatch: pytest.MonkeyPatch) -> None:
    single = labeller.codebook.model_copy(update={"frames_per_sentence": "at_most_one"})
    monkeypatch.setattr(labeller, "codebook", single)
    rows = [labelled("one", "a", gold=["guarding"], probabilities={"guarding": 0.9, "fleeing": 0.1})]
    report = report_errors(labeller, rows, {}, "some")
    assert [errors.threshold for errors in report.frames] == [None, None]
    assert "annotated (rows) and given as the likeliest (columns)" in render_errors([report])
    assert " on (columns)" not in render_errors([report])
