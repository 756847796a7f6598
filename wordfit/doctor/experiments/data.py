"""What the program fed: classes, order, repetition between splits, empty rows; what a plain learner finds in it."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any

import numpy as np

from wordfit.doctor.bench import Bench
from wordfit.doctor.rows import Rows

LEARN_FROM = 2000


def data(bench: Bench) -> dict[str, Any]:
    """Rows, classes, order of labels, rows in both splits."""
    train, dev = bench.split.train, bench.split.dev
    return {
        "train": _split(train),
        "dev": _split(dev),
        "trained": _split(bench.split.trained),
        "order": _order(train),
        "shared": _shared(train, dev),
        "evaluations": bench.split.evaluations[:50],
        "padding": bench.split.padding,
        "lengths": _lengths(train),
        "inputs": len(train.texts[0]) if len(train) else 0,
    }


def _split(rows: Rows) -> dict[str, Any]:
    labels = rows.labels
    out: dict[str, Any] = {"rows": len(rows), "empty": rows.empty}
    if labels is not None and len(labels):
        counts = Counter(labels.tolist())
        if len(counts) <= 200:
            out["classes"] = {str(k): v for k, v in counts.most_common(50)}
            out["majority"] = {
                "label": int(counts.most_common(1)[0][0]),
                "share": counts.most_common(1)[0][1] / len(labels),
            }
            out |= _predictions(rows, labels)
    elif rows.targets and rows.targets[0] is not None and np.isscalar(rows.targets[0]):
        values = np.array([t for t in rows.targets if t is not None], dtype=float)
        out["target"] = {
            "min": float(values.min()),
            "max": float(values.max()),
            "mean": float(values.mean()),
            "std": float(values.std()),
        }
    return out


def guesses(rows: Rows, classes: int) -> np.ndarray | None:
    """Class numbers that the answers stand for."""
    answers = [a for a in rows.answers if a is not None]
    if len(answers) != len(rows) or not answers or len({len(a) for a in answers}) != 1:
        return None
    values = np.array(answers)
    if values.shape[1] >= 2:
        return values.argmax(1)
    flat = values[:, 0]
    probabilities = flat.min() >= 0 and flat.max() <= 1
    return (flat > (0.5 if probabilities else 0.0)).astype(int) if classes <= 2 else None


def _predictions(rows: Rows, labels: np.ndarray) -> dict[str, Any]:
    found = guesses(rows, len(set(labels.tolist())))
    if found is None:
        return {}
    if set(labels.tolist()) == {-1, 1}:
        labels = (labels > 0).astype(int)
    counts = Counter(found.tolist())
    top, many = counts.most_common(1)[0]
    recalls = {str(c): float((found[labels == c] == c).mean()) for c in sorted(set(labels.tolist()))[:30]}
    return {
        "predicted": {str(k): v for k, v in counts.most_common(20)},
        "top_share": many / len(found),
        "top": int(top),
        "accuracy": float((found == labels).mean()),
        "recall": recalls,
        "balanced": float(np.mean(list(recalls.values()))),
    }


def _lengths(rows: Rows) -> dict[str, Any]:
    lengths = [len(t[0]) for t in rows.texts[:5000]]
    if not lengths:
        return {}
    return {
        "min": min(lengths),
        "max": max(lengths),
        "median": float(np.median(lengths)),
        "at_max": float(np.mean([n == max(lengths) for n in lengths])),
    }


def _order(rows: Rows) -> dict[str, Any] | None:
    """How pure batches are, beside what shuffled rows would give."""
    labels = rows.labels
    if labels is None or len(labels) < 30:
        return _order_of_numbers(rows)
    batches = np.array(rows.batches)
    sizes = Counter(rows.batches)
    if len(sizes) < 4 or len(set(labels.tolist())) > 50:
        return None
    own = _purity(labels, batches)
    generator = np.random.default_rng(0)
    shuffled = [_purity(generator.permutation(labels), batches) for _ in range(20)]
    sequence = float((labels[1:] == labels[:-1]).mean())
    chance = float(sum((v / len(labels)) ** 2 for v in Counter(labels.tolist()).values()))
    return {
        "purity": own,
        "expected": float(np.mean(shuffled)),
        "spread": float(np.std(shuffled)),
        "same_next": sequence,
        "chance": chance,
        "batches": len(sizes),
    }


def _order_of_numbers(rows: Rows) -> dict[str, Any] | None:
    values = [t for t in rows.targets if t is not None and np.isscalar(t)]
    if len(values) != len(rows) or len(values) < 30:
        return None
    v = np.array(values, dtype=float)
    if v.std() == 0:
        return None
    batches = np.array(rows.batches)
    if len(set(rows.batches)) < 4:
        return None
    means = np.array([v[batches == b].mean() for b in sorted(set(rows.batches))])
    return {
        "between": float(means.std() / v.std()),
        "expected_between": float(1 / np.sqrt(len(v) / len(means))),
        "autocorrelation": float(np.corrcoef(v[1:], v[:-1])[0, 1]),
        "batches": len(means),
    }


def _purity(labels: np.ndarray, batches: np.ndarray) -> float:
    total = 0.0
    for number in np.unique(batches):
        part = labels[batches == number]
        total += Counter(part.tolist()).most_common(1)[0][1]
    return total / len(labels)


def _shared(train: Rows, dev: Rows) -> dict[str, Any] | None:
    """Rows of the evaluation that were trained on, beside how often rows repeat by themselves."""
    if not len(train) or not len(dev):
        return None
    known = Counter(train.texts)
    pairs = dict(zip(train.texts, train.targets))
    both = [t for t in dev.texts if t in known and sum(map(len, t)) > 0]
    repeats = sum(v - 1 for v in known.values()) / max(len(train), 1)
    same = [t for t, y in zip(dev.texts, dev.targets) if t in pairs and pairs[t] == y]
    whole = set(train.texts) == set(dev.texts) or (
        len(set(dev.texts)) >= 0.98 * len(known) and len(both) >= 0.98 * len(dev)
    )
    return {
        "share": len(both) / len(dev),
        "rows": len(both),
        "repeats_in_train": repeats,
        "same_target": len(same) / max(len(both), 1),
        "evaluates_training_set": whole,
        "repeats_in_dev": 1 - len(set(dev.texts)) / len(dev),
    }


def reference(bench: Bench) -> dict[str, Any] | None:
    """A linear model over bags of ids: what is there to be found in training and in evaluation?"""
    train, dev = bench.split.train, bench.split.dev
    labels = train.labels
    if labels is None or len(train) < 40 or not 2 <= len(set(labels.tolist())) <= 60 or bench.left < 4:
        return None
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    rows = min(len(train), LEARN_FROM)
    x, columns = bags(train.texts[:rows])
    model = LogisticRegression(max_iter=60, C=1.0)
    out: dict[str, Any] = {"rows": rows, "majority": Counter(labels.tolist()).most_common(1)[0][1] / len(labels)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        smallest = min(Counter(labels[:rows].tolist()).values())
        if smallest >= 3:
            out["crossed"] = float(cross_val_score(model, x, labels[:rows], cv=3).mean())
            out["crossed_majority"] = Counter(labels[:rows].tolist()).most_common(1)[0][1] / rows
            skewed = out["crossed_majority"] > 0.6
            out["crossed_balanced"] = (
                out["crossed"]
                if not skewed
                else float(
                    cross_val_score(
                        LogisticRegression(max_iter=60, class_weight="balanced"),
                        x,
                        labels[:rows],
                        cv=3,
                        scoring="balanced_accuracy",
                    ).mean()
                )
            )
        fitted = model.fit(x, labels[:rows])
        out["train"] = float(fitted.score(x, labels[:rows]))
        if dev.labels is not None and len(dev):
            y, _ = bags(dev.texts, columns)
            out["dev"] = float(fitted.score(y, dev.labels))
            if len(dev) >= 60 and min(Counter(dev.labels.tolist()).values()) >= 3 and len(set(dev.labels.tolist())) > 1:
                z, _ = bags(dev.texts)
                out["dev_crossed"] = float(cross_val_score(model, z, dev.labels, cv=3).mean())
                out["dev_majority"] = Counter(dev.labels.tolist()).most_common(1)[0][1] / len(dev)
        if smallest >= 3 and out["crossed"] < out["crossed_majority"] + 0.25:
            out["shifted"] = _shifted(model, x, labels[:rows])
    return out


def bags(texts: list[Any], columns: dict[Any, int] | None = None) -> tuple[Any, dict[Any, int]]:
    """Sparse rows of words; of several inputs also the words they share."""
    from scipy.sparse import csr_matrix

    fixed = columns is not None
    columns = {} if columns is None else columns
    data: list[float] = []
    place: list[int] = []
    starts = [0]
    for row in texts:
        counts: Counter[Any] = Counter()
        for number, text in enumerate(row):
            counts.update((number, i) for i in text)
        if len(row) == 2:
            shared = set(row[0]) & set(row[1])
            counts[("shared",)] = len(shared) * 8 // max(1, min(len(set(row[0])), len(set(row[1]))))
        for key, count in counts.items():
            if key not in columns:
                if fixed:
                    continue
                columns[key] = len(columns)
            place.append(columns[key])
            data.append(float(count) ** 0.5)
        starts.append(len(place))
    return csr_matrix((data, place, starts), shape=(len(texts), max(len(columns), 1))), columns


def _shifted(model: Any, x: Any, labels: np.ndarray) -> dict[str, float]:
    """The same with labels moved by a few rows: a shift that brings a signal shows rows joined wrongly."""
    from sklearn.model_selection import cross_val_score

    found = {}
    for shift in (-2, -1, 1, 2):
        found[str(shift)] = float(cross_val_score(model, x, np.roll(labels, shift), cv=3).mean())
    return found
