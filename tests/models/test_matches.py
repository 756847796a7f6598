"""Soft matches are what a loop over the words counts, and exact copies are told from near ones."""

import numpy as np
import pytest
import torch

from wordfit.models.matches import Matches


def by_hand(a, b, weights, kernels):
    """Shares of the words of `a` by their best match in `b`, alike and weighted."""
    centres = np.linspace(-0.1, 1.0, kernels)
    widths = np.array([1.1 / (kernels - 1) / 1.5] * (kernels - 1) + [0.01])
    rows = []
    for word in a:
        best = max(word @ other / np.linalg.norm(word) / np.linalg.norm(other) for other in b)
        rows.append([*np.exp(-(((best - centres) / widths) ** 2) / 2), best])
    return [*np.mean(rows, axis=0), *np.average(rows, axis=0, weights=weights)]


def test_matches_are_what_a_loop_over_the_words_counts():
    random = np.random.default_rng(0)
    a, b = random.normal(size=(3, 4)), random.normal(size=(5, 4))
    of_a, of_b = random.random(3), random.random(5)
    padded = [torch.zeros(1, n + 2, 4) for n in (3, 5)]
    weights = [torch.zeros(1, n + 2) for n in (3, 5)]
    for rows, w, words, of in zip(padded, weights, (a, b), (of_a, of_b)):
        rows[0, : len(words)] = torch.from_numpy(words)
        rows[0, len(words) :] = 9.0  # what padding holds does not count
        w[0, : len(words)] = torch.from_numpy(of)
    seen = (weights[0] > 0).unsqueeze(2) & (weights[1] > 0).unsqueeze(1)
    found = Matches(6)(padded[0], weights[0], padded[1], weights[1], seen)[0]
    assert found.tolist() == pytest.approx(by_hand(a, b, of_a, 6) + by_hand(b, a, of_b, 6), abs=1e-5)


def test_only_the_same_word_reaches_the_last_kernel():
    text = torch.eye(3).unsqueeze(0)  # (1, 3, 3)
    near = text.clone()
    near[0, 0, 1] = 0.3
    matches, all_seen, alike = Matches(), torch.ones(1, 3, 3, dtype=torch.bool), torch.ones(1, 3)
    exact = [float(matches(text, alike, other, alike, all_seen)[0, 10]) for other in (text, near)]
    assert exact == pytest.approx([1.0, 2 / 3], abs=0.01)
