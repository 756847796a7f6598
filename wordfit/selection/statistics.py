"""Which strategy beats which: paired bootstrap over seeds and dev rows.

Answers of all strategies are for the same dev rows and, seed by seed, for the same training rows; both are resampled
together, so what is common to two strategies cancels (Dror et al. 2018 for rows; seeds as a second level).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wordfit.training.metrics import METRICS


@dataclass(frozen=True)
class Sampled:
    """Scores of one strategy under every resample (R,), the same resamples for all strategies."""

    mean: float
    scores: np.ndarray

    @property
    def interval(self) -> tuple[float, float]:
        """The middle 95 % of the resamples."""
        low, high = np.quantile(self.scores, [0.025, 0.975])
        return float(low), float(high)


def resample(
    kind: str,
    metric: str,
    target: np.ndarray,
    answers: Mapping[str, Sequence[np.ndarray]],
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Sampled]:
    """Bootstrap every strategy's metric: `answers` holds, per strategy and seed, the answers for the dev rows (N,)."""
    random = np.random.default_rng(seed)
    function = METRICS[kind][metric]
    draws = [(random.random(64), random.integers(0, len(target), len(target))) for _ in range(resamples)]
    found = {}
    for name, runs in answers.items():
        scores = np.empty(resamples)
        for i, (share, rows) in enumerate(draws):
            chosen, weight = np.unique((share[: len(runs)] * len(runs)).astype(int), return_counts=True)
            each = [function(target[rows], runs[j][rows]) for j in chosen]
            scores[i] = np.average(each, weights=weight)
        found[name] = Sampled(float(np.mean([function(target, run) for run in runs])), scores)
    return found


def better(first: Sampled, second: Sampled) -> float:
    """The probability that the first beats the second; ties count half."""
    difference = first.scores - second.scores
    return float((difference > 0).mean() + 0.5 * (difference == 0).mean())


def difference(first: Sampled, second: Sampled) -> tuple[float, float, float]:
    """First minus second, with the ends of its 95 % interval."""
    low, high = np.quantile(first.scores - second.scores, [0.025, 0.975])
    return first.mean - second.mean, float(low), float(high)
