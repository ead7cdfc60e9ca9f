import numpy as np
import pytest

from model.checkpoint import Platt
from model.decoding import frame_probabilities
from training.thresholds import best_threshold, calibrated_grid


@pytest.mark.parametrize("calibration", [Platt(), Platt(scale=0.2, bias=-5), Platt(scale=4, bias=3)])
def test_calibration_does_not_change_which_labels_can_be_given(calibration: Platt) -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, 300)
    gold = random.random(300) < frame_probabilities(logits)
    plain = frame_probabilities(logits)
    after = frame_probabilities(logits, calibration.scale, calibration.bias)
    chosen = best_threshold(after, gold, calibrated_grid(calibration))
    assert ((after >= chosen) == (plain >= best_threshold(plain, gold))).all()


def test_of_equally_good_thresholds_the_one_nearest_to_a_half_is_taken() -> None:
    probabilities = np.linspace(0, 1, 101)
    assert best_threshold(probabilities, np.zeros(101, dtype=bool)) == pytest.approx(0.5)
    halves = np.where(np.arange(100) < 50, 0.02, 0.98)
    assert best_threshold(halves, halves > 0.5) == pytest.approx(0.5)


def test_the_identity_keeps_the_grid() -> None:
    assert calibrated_grid(Platt())[[0, 20, 40]] == pytest.approx([0.1, 0.5, 0.9])
