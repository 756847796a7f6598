"""The reference learners: leaving out is exact, and each learner sees what it should."""

import numpy as np
import pytest

from wordfit.data import Encoded, Task
from wordfit.selection.learners import Part, left_out, marginal_score, reference_scores

RANDOM = np.random.default_rng(0)
TASK = Task("classes", "text", "label", labels=("a", "b"), metric="accuracy")


def part(texts, target):
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])])
    return Part((Encoded(np.concatenate(texts).astype(np.int32), offsets),), np.array(target))


def test_leaving_a_row_out_in_closed_form_is_leaving_it_out():
    x, y = RANDOM.normal(size=(30, 5)), RANDOM.normal(size=(30, 2))
    said, weights = left_out(x @ x.T, y, 0.3)
    for i in (0, 7, 29):
        others = np.delete(np.arange(30), i)
        ridge = np.linalg.solve(x[others].T @ x[others] + 0.3 * np.eye(5), x[others].T @ y[others])
        assert said[i] == pytest.approx(x[i] @ ridge)
    ridge = np.linalg.solve(x.T @ x + 0.3 * np.eye(5), x.T @ y)
    assert x.T @ weights == pytest.approx(ridge)


def test_what_only_the_vectors_know_is_found_by_the_mean_alone():
    """Every text has one word of its own; words of a class lie together."""
    target = np.arange(300) % 2
    matrix = np.vstack([np.zeros((2, 4)), RANDOM.normal(size=(300, 4)) + 3 * (2 * target[:, None] - 1)])
    rows = part([[i + 2] for i in range(300)], target)
    found = reference_scores(TASK, rows, None, matrix.astype(np.float32), np.ones(302, bool))
    assert found["mean"] > 0.95
    assert found["both"] > 0.9
    assert found["bag"] < 0.6
    assert marginal_score(TASK, rows, None) == 0.5


def test_what_hangs_on_words_without_a_vector_is_lost_without_them():
    target = RANDOM.integers(0, 2, 300)
    rows = part([[2 + y, *RANDOM.integers(4, 30, 3)] for y in target], target)
    known = np.arange(30) >= 4
    matrix = np.where(known[:, None], RANDOM.normal(size=(30, 3)), 0).astype(np.float32)
    dev = rows.sample(100, 1)
    for held in (None, dev):
        found = reference_scores(TASK, rows, held, matrix, known)
        assert found["bag"] > 0.98
        assert found["known"] < 0.75


def test_a_sample_keeps_rows_whole_and_in_order():
    rows = part([[i] * (i + 1) for i in range(1, 20)], range(1, 20))
    some = rows.sample(5)
    assert [list(set(some.texts[0].ids[a:b])) for a, b in zip(some.texts[0].offsets, some.texts[0].offsets[1:])] == [
        [i] for i in some.target
    ]
    assert sorted(some.target) == list(some.target)
