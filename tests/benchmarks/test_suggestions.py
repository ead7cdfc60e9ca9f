import numpy as np
import pytest
from scipy import stats

from benchmarks.suggestions import mean_interval


def test_the_interval_of_a_few_runs_is_student_s() -> None:
    values = np.random.default_rng(0).normal(0.03, 0.04, 8)
    expected = stats.t.interval(0.95, 7, loc=values.mean(), scale=stats.sem(values))
    assert mean_interval(values) == pytest.approx(expected)
    assert mean_interval(values[:1]) == (-np.inf, np.inf)
