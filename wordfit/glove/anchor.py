"""What holds adapted words to their published vectors: the penalty of Mittens, and a start for the biases.

Mittens (Dingwall and Potts 2018) adds mu * sum_i |w_i + c_i - r_i|^2 to the cost of GloVe, r_i the published vector
of word i. Here mu_i may differ by word. The penalty is stepped implicitly, in the metric of AdaGrad, a few times an
epoch: it is stable at any strength and costs no time in the inner loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from wordfit.glove.adagrad import FAST
from wordfit.glove.train import Tables


@dataclass(frozen=True)
class Anchor:
    """Which rows are held, where, and how hard."""

    rows: np.ndarray  # (N,) int64, rows of the tables
    start: np.ndarray  # (N, D) float32, the published vectors
    strength: np.ndarray  # (N,) float64, mu of each word

    def pull(self, eta: float) -> Callable[[Tables, float], float]:
        """A step on the penalty's share of an epoch; returns that share's cost before the step."""

        def step(tables: Tables, share: float) -> float:
            return float(pull_rows(tables.words, tables.contexts, self.rows, self.start, self.strength * share, eta))

        return step


@njit(cache=True, nogil=True)
def pull_rows(
    words: np.ndarray,
    contexts: np.ndarray,
    rows: np.ndarray,
    start: np.ndarray,
    strength: np.ndarray,
    eta: float,
) -> float:
    """One implicit step on strength * |w + c - r|^2 for each held row, rates eta / sqrt(squared gradients)."""
    cost = 0.0
    for n in range(rows.shape[0]):
        i, m = rows[n], 2.0 * strength[n]
        away = 0.0
        for k in range(start.shape[1]):
            a, b = eta / np.sqrt(words[i, 1, k]), eta / np.sqrt(contexts[i, 1, k])
            d = words[i, 0, k] + contexts[i, 0, k] - start[n, k]
            away += d * d
            back = m * d / (1.0 + m * (a + b))
            words[i, 0, k] -= a * back
            contexts[i, 0, k] -= b * back
        cost += strength[n] * away
    return cost


@njit(cache=True, nogil=True)
def row_weights(entries: np.ndarray, tiles: np.ndarray, weights: np.ndarray) -> None:
    """Add up f(count) over the entries of every row: how much a word weighs in the cost, (V,)."""
    for tile in tiles:
        for e in range(tile.start, tile.start + tile.entries):
            weights[tile.row + entries[e].row] += entries[e].weight


@njit(cache=True, nogil=True, fastmath=FAST, error_model="numpy")
def fit_biases(
    entries: np.ndarray,
    tiles: np.ndarray,
    words: np.ndarray,
    contexts: np.ndarray,
    word_bias: np.ndarray,
    context_bias: np.ndarray,
    sums: np.ndarray,
    of_contexts: bool,
) -> None:
    """Set one side's biases to what fits best while all else stays; `sums` is (V, 2) zeros."""
    for tile in tiles:
        for e in range(tile.start, tile.start + tile.entries):
            i, j = tile.row + entries[e].row, tile.column + entries[e].column
            left = entries[e].log
            w, c = words[i, 0], contexts[j, 0]
            for k in range(w.shape[0]):
                left -= w[k] * c[k]
            weight = entries[e].weight
            if of_contexts:
                sums[j, 0] += weight * (left - word_bias[i, 0])
                sums[j, 1] += weight
            else:
                sums[i, 0] += weight * (left - context_bias[j, 0])
                sums[i, 1] += weight
    bias = context_bias if of_contexts else word_bias
    for i in range(sums.shape[0]):
        if sums[i, 1] > 0:
            bias[i, 0] = sums[i, 0] / sums[i, 1]
