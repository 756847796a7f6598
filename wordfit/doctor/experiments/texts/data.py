"""What the program fed: classes, order, repetition between splits, empty rows; what a plain learner finds in it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.texts.bags import bags
from wordfit.doctor.rows import Rows
from wordfit.doctor.tape import is_parameter
from wordfit.doctor.word_rows import words_of


def data(bench: Bench) -> dict[str, Any]:
    """Rows, classes, order of labels, rows in both splits."""
    train, dev = bench.split.train, bench.split.dev
    words = words_fed(bench)
    return {
        "train": _split(labelled(train)),
        "dev": _split(labelled(dev)),
        "trained": _split(labelled(bench.split.trained)),
        "words": {name: _split(rows) for name, rows in words.items()} if words else None,
        "order": _order(labelled(train)),
        "shared": _shared_with_either(bench, train, dev),
        "evaluations": bench.split.evaluations[:50],
        "padding": bench.split.padding,
        "lengths": _lengths(train),
        "inputs": len(train.texts[0]) if len(train) else 0,
    }


def words_fed(bench: Bench) -> dict[str, Rows] | None:
    """Where every word has a class: the words as rows."""
    if "words" not in bench.memo:
        several = bench.split.train.labels is None and bool(bench.split.training)
        words = words_of(bench.split) if several else None
        bench.memo["words"] = words if words and len(words["train"]) >= 100 else None
    found: dict[str, Rows] | None = bench.memo["words"]
    return found


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
    elif (known := [t for t in rows.targets if t is not None]) and all(np.isscalar(t) for t in known):
        values = np.array(known, dtype=float)
        out["target"] = {
            "min": float(values.min()),
            "max": float(values.max()),
            "mean": float(values.mean()),
            "std": float(values.std()),
        }
    return out


def labelled(rows: Rows) -> Rows:
    """Rows with a class of their own: without those whose target is a number that losses pass over."""
    labels = rows.labels
    if labels is None or not len(labels) or labels.min() >= 0:
        return rows
    width = next((len(a) for a in rows.answers if a is not None), 0)
    if labels.min() == -1 and not (labels.max() >= 1 and width == labels.max() + 1):  # -1 may be a class
        return rows
    return rows.picked([n for n, label in enumerate(labels) if label >= 0])


def _predictions(rows: Rows, labels: np.ndarray) -> dict[str, Any]:
    found = rows.guesses(len(set(labels.tolist())))
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
        "ranked": ranked(scores_of(rows), labels),
    }


def scores_of(rows: Rows) -> np.ndarray:
    """One number a row: the answer, or how much higher the second class is than the first."""
    values = np.array(rows.answers)
    return values[:, 0] if values.shape[1] == 1 else values[:, 1] - values[:, 0]


def ranked(scores: np.ndarray, labels: np.ndarray) -> dict[str, float] | None:
    """Two classes: how often a row of the second has a higher score than one of the first, and its standard error
    under chance (area under the ROC curve)."""
    from sklearn.metrics import roc_auc_score

    second = labels == labels.max()
    many, others = int(second.sum()), int((~second).sum())
    if len(set(labels.tolist())) != 2 or not np.isfinite(scores).all():
        return None
    return {
        "area": float(roc_auc_score(second, scores)),
        "error": float(np.sqrt((many + others + 1) / (12 * many * others))),
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
        "between_next": float(np.corrcoef(means[1:], means[:-1])[0, 1]) if means[1:].std() * means[:-1].std() else 0.0,
        "autocorrelation": float(np.corrcoef(v[1:], v[:-1])[0, 1]),
        "batches": len(means),
    }


def _purity(labels: np.ndarray, batches: np.ndarray) -> float:
    total = 0.0
    for number in np.unique(batches):
        part = labels[batches == number]
        total += Counter(part.tolist()).most_common(1)[0][1]
    return total / len(labels)


PARTING = {"__getitem__", "narrow", "split", "chunk", "tensor_split", "index_select", "masked_select"}


def _parted(bench: Bench, train: Rows, dev: Rows) -> bool:
    """Whether an evaluation of all of the training set and more rows has its answers parted by rows afterwards."""
    if not len(train) or not len(dev) or len(set(train.texts) - set(dev.texts)) > 0.05 * len(set(train.texts)):
        return False
    sizes = {(many,) for many in Counter(dev.batches).values()}
    for step in bench.recorder.eval_steps:
        tape = step.tape
        weights = (n for n, t in tape.leaves.items() if is_parameter(t) or id(t) in bench.names.weights)
        learned = tape.descendants(*weights)
        for op in tape.ops:
            if op.name in PARTING and op.ins and op.ins[0] in learned:
                whole, parts = tape.shapes[op.ins[0]], [tape.shapes[n] for n in op.outs]
                if whole[:1] in sizes and any(p and p[1:] == whole[1:] and 1 < p[0] < whole[0] for p in parts):
                    return True
    return False


def _shared_with_either(bench: Bench, train: Rows, dev: Rows) -> dict[str, Any] | None:
    """Rows of the evaluation that were trained on; where none was, rows that a program is chosen by while it trains."""
    found = _shared(train, dev, _parted(bench, train, dev), _redrawn(bench, train))
    if found is not None and found["share"] <= 0.02 and len(bench.split.chosen_by):
        return _shared(train, bench.split.chosen_by)
    return found


def _redrawn(bench: Bench, train: Rows) -> bool:
    """Whether rows never come again as they were, and those of the second half are near copies of the first's.

    So it is where words are dropped anew whenever a row is trained on.
    """
    if bench.split.first_epoch < len(bench.split.training) or len(train) < 200:
        return False
    middle = len(train) // 2
    first, second = train.picked(list(range(middle))), train.picked(list(range(middle, len(train))))
    same = len(set(first.texts) & set(second.texts)) / max(len(set(second.texts)), 1)
    alike = _nearly_shared(first, second)
    return alike is not None and alike["share"] > 0.25 > same


def _shared(train: Rows, dev: Rows, parted: bool = False, redrawn: bool = False) -> dict[str, Any] | None:
    """Rows of the evaluation that were trained on, beside how often rows repeat by themselves.

    Where all rows are answered at once and the answers `parted` afterwards, which of them were new is not known; nor
    are copies told from the rows themselves where training `redrawn` them without some words.
    """
    if not len(train) or not len(dev):
        return None
    known = Counter(train.texts)
    pairs = dict(zip(train.texts, train.targets))
    both = [t for t in dev.texts if t in known and sum(map(len, t)) > 0]
    repeats = sum(v - 1 for v in known.values()) / max(len(train), 1)
    same = [t for t, y in zip(dev.texts, dev.targets) if t in pairs and pairs[t] == y]
    whole = (
        parted
        or set(train.texts) == set(dev.texts)
        or (len(set(dev.texts)) >= 0.98 * len(known) and len(both) >= 0.98 * len(dev))
    )
    return {
        "share": len(both) / len(dev),
        "rows": len(both),
        "repeats_in_train": repeats,
        "same_target": len(same) / max(len(both), 1),
        "evaluates_training_set": whole,
        "repeats_in_dev": 1 - len(set(dev.texts)) / len(dev),
        "near": None if redrawn else _nearly_shared(train, dev),
        "enlarged": _enlarged(train, dev),
    }


def _enlarged(train: Rows, dev: Rows) -> dict[str, Any] | None:
    """Classes that were brought to one size together, over training and evaluation: do rows of some alone repeat?"""
    rows = Counter(zip([*train.texts, *dev.texts], [*train.targets, *dev.targets]))
    if len(train) + len(dev) < 200 or any(not np.isscalar(y) for _, y in rows):
        return None
    sizes: Counter[Any] = Counter()
    kinds: Counter[Any] = Counter(y for _, y in rows)
    for (_, y), many in rows.items():
        sizes[y] += many
    if not 2 <= len(sizes) <= 20 or len(set(sizes.values())) != 1:
        return None
    repeats = {y: 1 - kinds[y] / sizes[y] for y in sizes}
    known = set(train.texts)
    again = Counter(y for t, y in zip(dev.texts, dev.targets) if t in known)
    least = min(repeats, key=lambda y: repeats[y])
    return {
        "class_size": next(iter(sizes.values())),
        "repeats_least": repeats[least],
        "repeats_most": max(repeats.values()),
        "shared_of_least": again[least] / max(dev.targets.count(least), 1),
    }


def _nearly_shared(train: Rows, dev: Rows) -> dict[str, Any] | None:
    """Rows of the evaluation of which training holds a few near copies, and nothing else that is half as like them.

    Copies that were changed a little (words dropped, swapped or exchanged) are told from texts made by one pattern, of
    which there are many alike.
    """
    known, new = train.texts[:4000], dev.texts[:200]
    kinds = [len({i for t in row for i in t}) for row in new]
    if len(known) < 60 or len(new) < 30 or np.median(kinds) < 6:
        return None
    x, columns = _sets(known)
    y, _ = _sets(new, columns)
    both = (y @ x.T).toarray()  # (new, known) words in common
    sizes = np.array([len({(n, i) for n, t in enumerate(row) for i in t}) for row in known])
    own = np.array([len({(n, i) for n, t in enumerate(row) for i in t}) for row in new])
    alike = both / np.maximum(sizes[None, :] + own[:, None] - both, 1)  # Jaccard
    order = np.argsort(-alike, axis=1)[:, :13]
    best, other = np.take_along_axis(alike, order[:, :1], 1)[:, 0], np.take_along_axis(alike, order[:, 12:13], 1)[:, 0]
    copies = (best >= 0.65) & (other < 0.5 * best)
    told = [(dev.targets[n], train.targets[order[n, 0]]) for n in np.flatnonzero(copies)]
    same = [one == other for one, other in told if one is not None]
    return {"share": float(copies.mean()), "same_target": float(np.mean(same)) if same else 0.0, "rows": len(new)}


def _sets(texts: list[Any], columns: dict[Any, int] | None = None) -> tuple[Any, dict[Any, int]]:
    """Sparse rows of ones for the words that occur."""
    x, columns = bags([tuple(t) for t in texts] if texts and len(texts[0]) != 2 else [_flat(t) for t in texts], columns)
    x.data[:] = 1.0
    return x, columns


def _flat(row: Any) -> tuple[tuple[Any, ...], ...]:
    """The words of several inputs, as one input with the place of each."""
    return (tuple((n, i) for n, t in enumerate(row) for i in t),)
