import pytest

from training.calibration_error import BINS, bin_probabilities, expected_calibration_error


def test_the_error_by_hand() -> None:
    bins = bin_probabilities([0.12, 0.18, 0.9, 0.94], [False, True, True, True])
    assert [inside.size for inside in bins] == [0, 2, 0, 0, 0, 0, 0, 0, 0, 2]
    assert bins[1].probability == pytest.approx(0.15)
    assert bins[1].share == 0.5
    assert bins[9].probability == pytest.approx(0.92)
    # (2 * |0.5 - 0.15| + 2 * |1 - 0.92|) / 4
    assert expected_calibration_error(bins) == pytest.approx(0.215)


def test_edges_belong_to_the_upper_bin_and_1_to_the_last() -> None:
    bins = bin_probabilities([0.0, 0.1, 0.5, 1.0], [False] * 4)
    assert [number for number, inside in enumerate(bins) if inside.size] == [0, 1, 5, 9]
    assert (bins[0].low, bins[-1].high, len(bins)) == (0, 1, BINS)


def test_what_always_comes_true_as_said_has_no_error() -> None:
    assert expected_calibration_error(bin_probabilities([0.0, 1.0, 1.0], [False, True, True])) == 0


def test_nothing_has_no_error() -> None:
    assert expected_calibration_error(bin_probabilities([], [])) == 0
