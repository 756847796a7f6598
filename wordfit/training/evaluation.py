"""How a trained model does on the dev rows, and by which words it decides: a section of the record."""

from __future__ import annotations

from typing import Any

import numpy as np

from wordfit.data import Encoded, Task
from wordfit.data.answers import decide
from wordfit.training.metrics import score
from wordfit.training.model import TrainedModel
from wordfit.training.preparation import Prepared, Split, lengths

TEXTS = 200  # rows whose words are taken out one by one
TRAIN_ROWS = 2000  # rows of train that are scored beside dev


def evaluation(model: TrainedModel, prepared: Prepared) -> dict[str, Any]:
    """Metrics, balance, confusion, score by length and coverage, deciding words; of dev, or of train without one."""
    name = "dev" if prepared.dev is not None else "train"
    split = prepared.dev if prepared.dev is not None else prepared.train
    task = model.task
    answers = model.answers(split)
    section: dict[str, Any] = {"split": name, "rows": len(split.rows), "labels": list(task.labels)}
    section["metrics"] = score(task.kind, split.target, answers)
    section |= balance(task, split.target, answers)
    section["by_length"] = _by(task, split, answers, lengths(split), whole=True)
    section["by_coverage"] = _by(task, split, answers, _covered(split, prepared.alignment.known), whole=False)
    if prepared.dev is not None:
        section |= generalisation(model, prepared, answers)
    section["deciding_words"] = deciding_words(model, split)
    return section


def generalisation(model: TrainedModel, prepared: Prepared, answers: np.ndarray) -> dict[str, Any]:
    """Train against dev, and dev rows whose words train has all against the others; `answers` are those for dev.

    `gap` is train minus dev in the task's metric, over up to `TRAIN_ROWS` rows of train; `by_seen` the metric, by
    whether train has every word of a row.
    """
    task, dev, train = model.task, prepared.dev, prepared.train
    assert dev is not None
    rows = np.linspace(0, len(train.rows) - 1, min(TRAIN_ROWS, len(train.rows))).astype(int)
    given = decide(task, model.read(model.logits([_take(text, rows) for text in train.texts])))
    on_train = score(task.kind, train.target[rows], given)[task.metric]
    on_dev = score(task.kind, dev.target, answers)[task.metric]
    section: dict[str, Any] = {"train": {"rows": len(rows), "score": on_train}, "gap": on_train - on_dev}
    own = prepared.vocabulary.counts > 0  # (V,)
    own[1] = False  # the unknown word stands for words that the model cannot tell apart
    seen = _covered(dev, own) == 1
    section["by_seen"] = [
        {
            "seen": bool(which),
            "rows": int(n),
            "score": score(task.kind, dev.target[inside], answers[inside])[task.metric],
        }
        for which, inside in ((True, seen), (False, ~seen))
        if (n := inside.sum()) >= 5
    ]
    return section


def balance(task: Task, target: np.ndarray, answers: np.ndarray) -> dict[str, Any]:
    """How often each label is true and given, and the confusion of classes; for scores (B,) points to draw."""
    if task.kind == "score":
        chosen = np.linspace(0, len(answers) - 1, min(1000, len(answers))).astype(int)
        return {"scatter": [[float(target[i]), float(answers[i])] for i in chosen]}
    if task.kind == "labels":
        true, predicted = target.sum(axis=0), answers.sum(axis=0)
        return {"true_balance": _named(task, true), "predicted_balance": _named(task, predicted)}
    count = len(task.labels)
    known = target >= 0
    confusion = np.zeros((count, count), dtype=int)
    np.add.at(confusion, (target[known], answers[known]), 1)
    true = confusion.sum(axis=1)
    return {
        "confusion": confusion.tolist(),
        "true_balance": _named(task, true),
        "predicted_balance": _named(task, np.bincount(answers, minlength=count)),
        "majority": float(true.max() / max(1, true.sum())),
    }


def _named(task: Task, counts: np.ndarray) -> dict[str, int]:
    return {name: int(n) for name, n in zip(task.labels, counts)}


def _by(task: Task, split: Split, answers: np.ndarray, values: np.ndarray, whole: bool) -> list[dict[str, Any]]:
    """The task's metric in up to five equal parts of the rows, ordered by a value of each row."""
    edges = np.unique(np.quantile(values, [0, 0.2, 0.4, 0.6, 0.8, 1.0], method="nearest"))
    rows = []
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (values >= low) & ((values < high) | ((high == edges[-1]) & (values <= high)))
        if inside.sum() >= 5:
            value = score(task.kind, split.target[inside], answers[inside])[task.metric]
            last = high if high == edges[-1] or not whole else high - 1
            ends = (int(low), int(last)) if whole else (float(low), float(last))
            rows.append({"from": ends[0], "to": ends[1], "rows": int(inside.sum()), "score": value})
    return rows


def _covered(split: Split, known: np.ndarray) -> np.ndarray:
    """Share of each row's words that are among the `known` (V,), as those with a vector: (B,)."""
    found, total = np.zeros(len(split.rows)), np.zeros(len(split.rows))
    for text in split.texts:
        sums = np.concatenate([[0], np.cumsum(known[text.ids])])
        found += sums[text.offsets[1:]] - sums[text.offsets[:-1]]
        total += text.lengths
    return found / np.maximum(total, 1)


def deciding_words(model: TrainedModel, split: Split, texts: int = TEXTS) -> dict[str, Any]:
    """What taking a word out changes in the answer given, and the share of all change that the strongest word makes.

    The change is that of the predicted class's probability (of the score, for scores), as in Li et al. 2016.
    """
    if model.task.kind == "labels" or not len(split.rows):
        return {}
    rows = np.linspace(0, len(split.rows) - 1, min(texts, len(split.rows))).astype(int)
    first = split.texts[0]
    rows = rows[first.lengths[rows] >= 2]
    if not len(rows):
        return {}
    whole = model.read(model.logits([_take(text, rows) for text in split.texts]))
    without, owner = _without_each(first, rows)
    others = [_take(text, rows[owner]) for text in split.texts[1:]]
    parts = model.read(model.logits([without, *others]))
    if whole.ndim == 2:
        chosen = whole.argmax(axis=1)
        change = whole[np.arange(len(rows)), chosen][owner] - parts[np.arange(len(owner)), chosen[owner]]
    else:
        chosen = np.zeros(len(rows), int)
        change = whole[owner] - parts
    words = np.array(model.tokenizer.words, dtype=object)[np.concatenate([_one(first, row) for row in rows])]
    return _summarised(model, split, rows, owner, words, change, chosen)


def _summarised(
    model: TrainedModel,
    split: Split,
    rows: np.ndarray,
    owner: np.ndarray,
    words: np.ndarray,
    change: np.ndarray,
    chosen: np.ndarray,
) -> dict[str, Any]:
    size = np.abs(change)
    total = np.bincount(owner, weights=size, minlength=len(rows))
    strongest = np.zeros(len(rows))
    np.maximum.at(strongest, owner, size)
    labels = model.task.labels or ("",)
    table: dict[tuple[str, str], list[float]] = {}
    for word, value, row in zip(words, change, owner):
        table.setdefault((str(word), labels[chosen[row]]), []).append(float(value))
    ranked = sorted(table.items(), key=lambda item: -abs(sum(item[1])) / (len(item[1]) + 1))[:30]
    examples = []
    for row in range(0, len(rows), max(1, len(rows) // 12)):
        mine = owner == row
        examples.append(
            {
                "text": split.rows.texts[0][rows[row]],
                "label": str(split.rows.targets[rows[row]]),
                "predicted": labels[chosen[row]],
                "words": [[str(w), float(c)] for w, c in zip(words[mine], change[mine])],
            }
        )
    return {
        "texts": len(rows),
        "strongest_share": float(np.mean(strongest / np.maximum(total, 1e-9))),
        "words": [
            {"word": word, "label": label, "change": float(np.mean(values)), "texts": len(values)}
            for (word, label), values in ranked
        ],
        "examples": examples,
    }


def _one(text: Encoded, row: int) -> np.ndarray:
    return text.ids[text.offsets[row] : text.offsets[row + 1]]


def _take(text: Encoded, rows: np.ndarray) -> Encoded:
    parts = [_one(text, row) for row in rows]
    return Encoded(np.concatenate(parts), np.concatenate([[0], np.cumsum([len(p) for p in parts])]))


def _without_each(text: Encoded, rows: np.ndarray) -> tuple[Encoded, np.ndarray]:
    """Every text once for each of its words, that word taken out; and which row each came from."""
    parts, owner = [], []
    for i, row in enumerate(rows):
        ids = _one(text, row)
        parts += [np.delete(ids, place) for place in range(len(ids))]
        owner += [i] * len(ids)
    offsets = np.concatenate([[0], np.cumsum([len(p) for p in parts])])
    return Encoded(np.concatenate(parts), offsets), np.array(owner)
