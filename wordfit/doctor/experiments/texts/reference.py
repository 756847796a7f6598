"""What a plain learner finds in the rows that were fed, in training and in evaluation."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any

import numpy as np

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.texts.bags import features
from wordfit.doctor.experiments.texts.data import labelled, ranked, words_fed
from wordfit.doctor.rows import Rows

LEARN_FROM = 2000


def reference(bench: Bench) -> dict[str, Any] | None:
    """A linear model over bags of ids, words with their neighbours, or numbers: what is there to be found?"""
    words = words_fed(bench)
    train, dev = (words["train"], words["dev"]) if words else (bench.split.train, bench.split.dev)
    train, dev = labelled(train), labelled(dev)
    labels = train.labels
    if len(train) < 40 or bench.left < 4:
        return None
    if labels is None or not 2 <= len(set(labels.tolist())) <= 60:
        return _scores_explained(train, dev, bench.split.trained)
    rows = min(len(train), 3 * LEARN_FROM if words else LEARN_FROM)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = _learned(train, dev, labels, rows)
    return out | {"of": "words" if words else "rows"}


def _learned(train: Rows, dev: Rows, labels: np.ndarray, rows: int) -> dict[str, Any]:
    """Accuracy of the plain learner in training, across it, in evaluation, and with labels moved."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict, cross_val_score

    x, columns = features(train, rows)
    model = LogisticRegression(max_iter=60, C=1.0)
    counts, some = Counter(labels.tolist()), Counter(labels[:rows].tolist())
    out: dict[str, Any] = {"rows": rows, "majority": counts.most_common(1)[0][1] / len(labels)}
    if len(some) < 2:  # rows sorted by class
        return out
    if min(some.values()) >= 3:
        out["crossed"] = float(cross_val_score(model, x, labels[:rows], cv=3).mean())
        out["crossed_majority"] = some.most_common(1)[0][1] / rows
        out["crossed_balanced"] = out["crossed"]
        if out["crossed_majority"] > 0.6:
            weighted = LogisticRegression(max_iter=60, class_weight="balanced")
            scores = cross_val_score(weighted, x, labels[:rows], cv=3, scoring="balanced_accuracy")
            out["crossed_balanced"] = float(scores.mean())
            if len(some) == 2:
                found = cross_val_predict(weighted, x, labels[:rows], cv=3, method="decision_function")
                out["crossed_ranked"] = ranked(found, labels[:rows])
    fitted = model.fit(x, labels[:rows])
    out["train"] = float(fitted.score(x, labels[:rows]))
    if dev.labels is not None and len(dev) and bool(dev.values) == bool(train.values):
        out["dev"] = float(fitted.score(features(dev, len(dev), columns)[0], dev.labels))
        kinds = Counter(dev.labels.tolist())
        if len(dev) >= 60 and min(kinds.values()) >= 3 and len(kinds) > 1:
            out["dev_crossed"] = float(cross_val_score(model, features(dev, len(dev))[0], dev.labels, cv=3).mean())
            out["dev_majority"] = kinds.most_common(1)[0][1] / len(dev)
    if "crossed" in out and out["crossed"] < out["crossed_majority"] + 0.25:
        out["shifted"] = _shifted(model, x, labels[:rows])
    return out


def _scores_explained(train: Rows, dev: Rows, trained: Rows) -> dict[str, Any] | None:
    """For scores in place of classes: the share of their variance that a linear model explains, across the rows."""
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import cross_val_predict

    if any(t is None or not np.isscalar(t) for t in train.targets):
        return None
    rows = min(len(train), LEARN_FROM)
    y = np.array(train.targets[:rows], dtype=float)
    if y.std() == 0 or not np.isfinite(y).all():
        return None
    x, _ = features(train, rows)
    predicted = cross_val_predict(Ridge(alpha=3.0), x, y, cv=3)
    out = {"rows": rows, "explained": _explained(predicted, y), "of": "scores"}
    for name, answered in (("model_explains", dev), ("model_explains_training", trained)):
        answers = [a[0] if a and len(a) == 1 else None for a in answered.answers]
        if len(answered) >= 30 and None not in answers and all(np.isscalar(t) for t in answered.targets):
            out[name] = _explained(np.array(answers, dtype=float), np.array(answered.targets, dtype=float))
            out[name.replace("model_explains", "rows_of_model")] = len(answered)
    return out


def _explained(predicted: np.ndarray, y: np.ndarray) -> float:
    """The square of the correlation; nothing where it is negative, or where one of them is constant."""
    if not (np.isfinite(predicted).all() and np.isfinite(y).all()) or predicted.std() < 1e-9 or y.std() < 1e-9:
        return 0.0
    return float(max(np.corrcoef(predicted, y)[0, 1], 0.0) ** 2)


def _shifted(model: Any, x: Any, labels: np.ndarray) -> dict[str, float]:
    """The same with labels moved by a few rows: a shift that brings a signal shows rows joined wrongly."""
    from sklearn.model_selection import cross_val_score

    found = {}
    for shift in (-2, -1, 1, 2):
        found[str(shift)] = float(cross_val_score(model, x, np.roll(labels, shift), cv=3).mean())
    return found
