"""The paired bootstrap tells apart what differs, and says when nothing does."""

import numpy as np
import pytest
from scipy import stats

from wordfit.selection.statistics import better, difference, resample

RANDOM = np.random.default_rng(0)
TARGET = RANDOM.integers(0, 2, 400)


def answers(accuracy, seeds=3, seed=0):
    random = np.random.default_rng(seed)
    return [np.where(random.random(400) < accuracy, TARGET, 1 - TARGET) for _ in range(seeds)]


def test_the_interval_of_one_run_is_the_binomials():
    found = resample("classes", "accuracy", TARGET, {"a": answers(0.8, 1)}, 4000)["a"]
    low, high = stats.binomtest(int(found.mean * 400), 400).proportion_ci(method="wilson")
    assert found.interval == pytest.approx((low, high), abs=0.01)


def test_a_clear_difference_is_certain_and_none_is_even():
    runs = answers(0.7)
    found = resample("classes", "accuracy", TARGET, {"good": answers(0.9, seed=1), "poor": runs, "same": runs})
    assert better(found["good"], found["poor"]) > 0.999
    assert better(found["poor"], found["same"]) == 0.5
    mean, low, high = difference(found["good"], found["poor"])
    assert low < mean < high
    assert low > 0.1


def test_pairing_sees_a_small_difference_that_every_row_shares():
    base = answers(0.75, 1)[0]
    mended = base.copy()
    wrong = np.flatnonzero(base != TARGET)[:12]
    mended[wrong] = TARGET[wrong]  # better on twelve rows, the same on all others
    found = resample("classes", "accuracy", TARGET, {"a": [mended], "b": [base]})
    assert better(found["a"], found["b"]) > 0.99
    assert found["a"].interval[0] < found["b"].interval[1]  # unpaired intervals overlap
