"""Metrics: a score for predictions against targets, by the field's own implementations.

Those of classes are counted here, since a fit asks for them after every epoch; they equal scikit-learn's (a test).
"""

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


def _confusion(target: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Counts (C, C) of target by prediction, over the classes that either has."""
    names, place = np.unique(np.concatenate([target, predicted]), return_inverse=True)
    pairs = place[: len(target)] * len(names) + place[len(target) :]
    return np.bincount(pairs, minlength=len(names) ** 2).reshape(len(names), len(names)).astype(np.float64)


def _f1(target: np.ndarray, predicted: np.ndarray) -> float:
    """F1 of class 1, as GLUE scores MRPC and QQP; 0 where nobody says 1."""
    both, either = float(((target == 1) & (predicted == 1)).sum()), float((target == 1).sum() + (predicted == 1).sum())
    return 2 * both / either if either else 0.0


def _macro_f1(target: np.ndarray, predicted: np.ndarray) -> float:
    table = _confusion(target, predicted)
    return float((2 * np.diag(table) / (table.sum(axis=0) + table.sum(axis=1))).mean())


def _matthews(target: np.ndarray, predicted: np.ndarray) -> float:
    """Matthews' correlation for any number of classes (Gorodkin 2004); 0 for a constant."""
    table = _confusion(target, predicted)
    true, said, total = table.sum(axis=1), table.sum(axis=0), table.sum()
    below = (total**2 - said @ said) * (total**2 - true @ true)
    return float((np.trace(table) * total - true @ said) / np.sqrt(below)) if below > 0 else 0.0


METRICS: dict[str, dict[str, Metric]] = {  # per kind of task; a higher value is better
    "classes": {
        "accuracy": lambda t, p: float((t == p).mean()),
        "macro_f1": _macro_f1,
        "f1": _f1,
        "matthews": _matthews,
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
