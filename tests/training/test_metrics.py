"""Metrics equal those of scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sk

from wordfit.training.metrics import METRICS

REFERENCE = {
    "macro_f1": lambda t, p: sk.f1_score(t, p, average="macro", zero_division=0),
    "f1": lambda t, p: sk.f1_score(t == 1, p == 1, zero_division=0),
    "matthews": sk.matthews_corrcoef,
}


@pytest.mark.parametrize("name", REFERENCE)
@pytest.mark.parametrize("classes", [2, 4])
def test_a_metric_of_classes_is_scikit_learns(name, classes):
    random = np.random.default_rng(classes)
    for _ in range(20):
        target, predicted = random.integers(-1, classes, 30), random.integers(0, classes, 30)
        assert METRICS["classes"][name](target, predicted) == pytest.approx(REFERENCE[name](target, predicted))


@pytest.mark.parametrize("name", REFERENCE)
def test_a_constant_answer_has_a_score(name):
    target = np.array([0, 1, 1, 2])
    for answer in (0, 1, 3):
        constant = np.full(4, answer)
        assert METRICS["classes"][name](target, constant) == pytest.approx(REFERENCE[name](target, constant))
