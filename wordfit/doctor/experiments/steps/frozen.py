"""The training with the table held still: are new rows answered better?"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import untouched
from wordfit.doctor.experiments.steps.again import train_again
from wordfit.doctor.experiments.steps.judging import (
    accuracy,
    call_on,
    classed,
    guesses,
    judged,
    surprise,
)
from wordfit.doctor.finding import number
from wordfit.doctor.rows import Rows
from wordfit.doctor.seen import Batch


def frozen(bench: Bench) -> dict[str, Any] | None:
    """The training with the table held still, or a plain learner on still vectors: are new rows answered better?"""
    data, tables = classed(bench), (bench.facts.get("tables") or {}).get("tables", [])
    table = next((t for t in tables if t["trainable"] and t.get("group")), None)
    dev = data.get("dev") or {}
    if table is None or bench.case is None or dev.get("accuracy") is None or dev["accuracy"] > 0.97 or bench.left < 3:
        return None
    last = bench.split.dev_batches
    tuned = accuracy(bench, last) or dev["accuracy"]
    trained = accuracy(bench, bench.split.last_training[-10:]) or (data.get("trained") or {}).get("accuracy", 0.0)
    if trained < tuned + 0.06 or len(bench.split.train) > 6000:
        return None
    chance = (dev.get("majority") or {}).get("share", 0.0)
    if tuned < 1 / max(len(dev.get("classes") or [0]), 1) - 3 * (0.25 / max(dev["rows"], 1)) ** 0.5 < chance:
        return None  # far worse than chance: answers and targets do not belong together
    held = _held_still(bench, last, tuned) or _plain_on_vectors(bench, tuned)
    if held is None:
        return None
    count = sum(len(bench.split.texts_of(b)) for b in last) or 1
    count = min(3 * count, dev.get("rows", count))  # the words of a text are no independent rows
    return held | {
        "tuned": tuned,
        "train_accuracy": trained,
        "cosine": (table.get("occurred") or {}).get("cosine"),
        "untouched_rows": (table.get("absent") or {}).get("rows", 0),
        "gap": trained - tuned,
        "rows": (data.get("train") or {}).get("rows") or len(bench.split.train),
        "dev_rows": count,
        "error": (0.25 / count) ** 0.5,
        "place": {
            "module": table["module"],
            "file": (table.get("made") or [None])[0],
            "line": (table.get("made") or [None, None])[1],
        },
    }


def _held_still(bench: Bench, last: list[Batch], tuned: float) -> dict[str, Any] | None:
    """The whole training again, once as it was and once with the table held still."""
    if sum(b.training for b in bench.recorder.batches) < bench.recorder.backwards or bench.left < 8:
        return None
    assert bench.case is not None
    keys = [id(bench.case.tape.leaves[s]) for _, _, s in bench.case.lookups if s in bench.case.tape.leaves]
    seconds = min(bench.left / 3, 12.0)
    again = train_again(bench, [], seconds)
    still = train_again(bench, keys, seconds) if again is not None else None
    control = accuracy(bench, last, model=again) if again is not None else None
    held = accuracy(bench, last, model=still) if still is not None else None
    if control is None or held is None:
        return None
    return {
        "tuned_again": control,
        "frozen": held,
        "gain": held - max(control, tuned),
        "loss_tuned": surprise(bench, last, again),
        "loss_frozen": surprise(bench, last, still),
        "by": "training again",
        **_by_novelty(bench, last, again, still),
        **_without_decay(bench, last, seconds, held - max(control, tuned)),
    }


def _without_decay(bench: Bench, last: list[Batch], seconds: float, gain: float) -> dict[str, float]:
    """Where holding still helps, and rows of words that never occurred shrank: is it their decay that did harm?"""
    tables = (bench.facts.get("tables") or {}).get("tables", [])
    if gain < 0.02 or bench.left < seconds or not any(_shrunk(t) for t in tables):
        return {}
    kept = train_again(bench, [], seconds, decay=False)
    right = accuracy(bench, last, model=kept) if kept is not None else None
    return {"without_decay": right} if right is not None else {}


def _shrunk(table: dict[str, Any]) -> bool:
    """Whether an optimizer's decay shrank rows of words that never occurred."""
    absent, decay = table.get("absent") or {}, (table.get("group") or {}).get("weight_decay")
    return bool(table["trainable"] and decay and absent.get("rows", 0) >= 5 and number(absent["norm_ratio"]) < 0.9)


def _by_novelty(bench: Bench, batches: list[Batch], tuned: Any, still: Any) -> dict[str, float]:
    """What holding the table still gains on rows whose words were all trained, and on those with many that were not.

    Where nearly all rows have no word that was trained, no others are needed beside them.
    """
    trained = {i for row in bench.split.train.texts for text in row for i in text}
    gains: dict[str, list[int]] = {"known": [], "novel": []}
    foreign = rows = 0
    with torch.no_grad(), untouched():
        for batch in batches[:60]:
            texts = bench.split.texts_of(batch)
            pairs = [judged(bench, batch, a) for m in (tuned, still) if (a := call_on(m, batch, bench)) is not None]
            if any(p is None or len(p[1]) != len(texts) for p in pairs) or len(pairs) < 2:
                return {}
            right = [(guesses(scores) == truth).long() for scores, truth in pairs if len(truth)]  # type: ignore[misc]
            for row, gain in zip(texts, (right[1] - right[0]).tolist()):
                words = [i for text in row for i in text]
                new = sum(i not in trained for i in words) / max(len(words), 1)
                rows, foreign = rows + 1, foreign + (new == 1)
                if new == 0 or new > 0.25:
                    gains["novel" if new else "known"].append(gain)
    alone = foreign > 0.95 * rows
    if min(len(g) for kind, g in gains.items() if not (alone and kind == "known")) < 60:
        return {}
    return {f"gain_on_{kind}": sum(g) / max(len(g), 1) for kind, g in gains.items()} | {
        f"rows_{kind}": float(len(g)) for kind, g in gains.items()
    }


def _plain_on_vectors(bench: Bench, tuned: float) -> dict[str, Any] | None:
    """Where the training cannot be repeated: a linear model on the means of the vectors as they were at the start."""
    from sklearn.linear_model import LogisticRegression

    train, dev = bench.split.train, bench.split.dev
    assert bench.case is not None
    leaves = [bench.case.tape.leaves[s] for _, _, s in bench.case.lookups if s in bench.case.tape.leaves]
    starts = [bench.recorder.start[id(w)][1] for w in leaves if id(w) in bench.recorder.start]
    if not starts or train.labels is None or dev.labels is None or len(set(train.labels.tolist())) < 2:
        return None
    if len({len(row) for row in (*train.texts, *dev.texts)}) != 1:  # not evaluated on what it was fed in training
        return None
    given = _means(train, starts[0].float()), _means(dev, starts[0].float())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        held = float(LogisticRegression(max_iter=200).fit(given[0], train.labels).score(given[1], dev.labels))
    return {"frozen": held, "gain": held - tuned, "by": "a plain learner"}


def _means(rows: Rows, table: Tensor) -> Tensor:
    """Means of the vectors of every input, side by side (rows, inputs * width)."""
    empty = torch.zeros(table.shape[1])
    return torch.stack([torch.cat([table[list(t)].mean(0) if t else empty for t in row]) for row in rows.texts])
