"""Metrics: a score for predictions against targets, by the field's own implementations."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from scipy import stats
from sklearn import metrics as sk

from wordfit.errors import InputError

Metric = Callable[[np.ndarray, np.ndarray], float]


def _correlation(function: Callable[[np.ndarray, np.ndarray], tuple[float, float]]) -> Metric:
    def correlation(target: np.ndarray, predicted: np.ndarray) -> float:
        with warnings.catch_warnings():  # a constant prediction correlates with nothing
            warnings.simplefilter("ignore", stats.ConstantInputWarning)
            value = float(function(target, predicted)[0])
        return value if np.isfinite(value) else 0.0

    return correlation


def _f1(target: np.ndarray, predicted: np.ndarray) -> float:
    """F1 of class 1, as GLUE scores MRPC and QQP."""
    return float(sk.f1_score(target == 1, predicted == 1, zero_division=0))


METRICS: dict[str, dict[str, Metric]] = {  # per kind of task; a higher value is better
    "classes": {
        "accuracy": lambda t, p: float((t == p).mean()),
        "macro_f1": lambda t, p: float(sk.f1_score(t, p, average="macro", zero_division=0)),
        "f1": _f1,
        "matthews": lambda t, p: float(sk.matthews_corrcoef(t, p)),
    },
    "labels": {
        "micro_f1": lambda t, p: float(sk.f1_score(t, p, average="micro", zero_division=0)),
        "macro_f1": lambda t, p: float(sk.f1_score(t, p, average="macro", zero_division=0)),
        "exact_match": lambda t, p: float((t == p).all(axis=1).mean()),
    },
    "score": {
        "pearson": _correlation(stats.pearsonr),
        "spearman": _correlation(stats.spearmanr),
        "r2": lambda t, p: float(sk.r2_score(t, p)) if len(t) > 1 else 0.0,
        "negative_rmse": lambda t, p: -float(np.sqrt(np.mean((t - p) ** 2))),
    },
}


def check_metric(kind: str, name: str) -> None:
    """Refuse a metric that the kind of task does not have."""
    if name not in METRICS[kind]:
        raise InputError(f"the metric '{name}' does not score {kind}; there are {', '.join(METRICS[kind])}")


def score(kind: str, target: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Every metric of a kind of task; classes as numbers (B,), labels as booleans (B, L), scores (B,)."""
    if len(target) == 0:
        raise InputError("there are no rows to score")
    with warnings.catch_warnings():  # rows that all have one label are said before training, not at every score
        warnings.filterwarnings("ignore", message="A single label was found", category=UserWarning)
        return {
            name: metric(target, predicted)
            for name, metric in METRICS[kind].items()
            if name != "f1" or target.max(initial=0) <= 1
        }
