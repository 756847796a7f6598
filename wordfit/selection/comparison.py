"""Strategies side by side: cells over seeds, halved under a budget, told apart by the paired bootstrap."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.data import read_rows, read_train
from wordfit.embedding import TUNINGS
from wordfit.selection.statistics import Sampled, better, difference, resample
from wordfit.training.cells import RANDOM, Cell, Rows, run_cells
from wordfit.training.preparation import targets

BASE: dict[str, Any] = {"head": "mlp", "start": "subword"}
SCALES: tuple[tuple[int, dict[str, Any]], ...] = (  # up to so many rows: the same for all ways, so that it is fair
    (5_000, {"batch_size": 32, "lr": 1e-3, "epochs": 20, "patience": 4}),
    (20_000, {"batch_size": 64, "lr": 1e-3, "epochs": 10, "patience": 2}),
    (10**9, {"batch_size": 256, "lr": 2e-3, "epochs": 6, "patience": 1}),
)
REFERENCES = ("majority", "tfidf")
SURE = 0.95  # the probability from which one way is said to beat another
RUNGS = ((9, 1), (3, 2))  # under a budget: a ninth of the rows with one seed, a third with two, then all


@dataclass(frozen=True)
class Strategy:
    """One way to use the vectors: an encoder, a tuning and the vector files (none: the reference `encoder`)."""

    encoder: str
    tuning: str = ""
    vectors: tuple[str, ...] = ()
    alone: bool = False
    """Whether no other vector set is compared: then a name need not say which."""

    @property
    def reference(self) -> bool:
        """Whether it is there to measure the others by: no vectors, or random ones."""
        return not self.vectors or self.vectors[0].startswith(RANDOM)

    @property
    def name(self) -> str:
        """As the table calls it."""
        files = () if self.alone else self.vectors
        sets = "+".join(Path(file).name.removesuffix(".gz").removesuffix(".txt") for file in files)
        random = bool(self.vectors) and self.reference
        return " ".join(filter(None, [self.encoder, self.tuning, "random vectors" if random else sets]))

    def cell(self, rows: Rows, seed: int, count: int, word_sets: str = "") -> Cell:
        """The run of this strategy with a seed, on `count` rows."""
        if self.encoder in REFERENCES:
            return Cell(rows, model=self.encoder, seed=seed)
        scale = next(settings for most, settings in SCALES if count <= most)
        settings = BASE | scale | {"encoder": self.encoder, "tuning": self.tuning}
        if self.reference:
            settings |= {"start": "normal"}
        return Cell(rows, self.vectors, settings=settings, seed=seed, word_sets="" if self.reference else word_sets)


def strategies(encoders: Sequence[str], tunings: Sequence[str], vectors: Sequence[str], width: int) -> list[Strategy]:
    """Every combination, each vector set by itself, with the references; random vectors have `width` values."""
    alone = len(vectors) == 1
    made = [Strategy(e, t, (v,), alone) for e, t, v in product(encoders, tunings or list(TUNINGS), vectors)]
    made += [Strategy(e, "tuned", (f"{RANDOM}{width}",)) for e in encoders]
    return [Strategy(name) for name in REFERENCES] + made


def compare(
    rows: Rows,
    ways: Sequence[Strategy],
    seeds: int,
    folder: Path,
    budget: float | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    on_done: Callable[[str, dict[str, Any]], None] | None = None,
    sizes: Sequence[int] = (),
    word_sets: str = "",
) -> dict[str, Any]:
    """Table, learning curve and pairs in the form of `report.write_comparison_report`, and the answer in a sentence.

    `sizes` are numbers of rows for the learning curve, run with every seed before all rows are. Under a `budget`
    (seconds) the rungs of `RUNGS` come first and the lower half leaves after each; what time is left decides how many
    seeds the rest get on all rows. `word_sets` is a folder of word-similarity sets to score before and after.
    """
    began = time.monotonic()
    task, train = read_train(rows.train, rows.text, rows.pair, rows.label, rows.kind, rows.metric)
    left, results, curve = list(ways), {}, []

    def run(chosen: Sequence[Strategy], most: int, count: int) -> dict[Strategy, list[dict[str, Any]]]:
        part = replace(rows, most=most)
        rows_used = min(most, len(train)) or len(train)
        chosen_seeds = [(way, seed) for seed in range(count) for way in chosen if seed == 0 or most or not _fixed(way)]
        pairs = [(way, way.cell(part, seed, rows_used, word_sets)) for way, seed in chosen_seeds]
        listen = (lambda i, result: on_done(pairs[i][0].name, result)) if on_done else None
        found: dict[Strategy, list[dict[str, Any]]] = {}
        for (way, _), result in zip(pairs, run_cells([c for _, c in pairs], folder, workers, scheduler, listen)):
            found.setdefault(way, []).append(result)
        for way, runs in found.items():
            scores = [r["metrics"][task.metric] for r in runs]
            point = {"strategy": way.name, "rows": runs[0]["train_rows"], "score": float(np.mean(scores))}
            curve.append(point | ({"low": min(scores), "high": max(scores)} if len(scores) > 1 else {}))
        results.update(found)
        return found

    for size in sorted({size for size in sizes if 0 < size < len(train)}):
        run(left, size, seeds)
    for share, count in RUNGS if budget is not None else ():
        spent = time.monotonic() - began
        if budget is not None and spent > 0.4 * budget:
            break
        found = run(left, max(20 * max(2, len(task.labels)), len(train) // share), min(count, seeds))
        left = _upper_half(left, found, task.metric)
    for seed in range(seeds):
        if budget is not None and seed and time.monotonic() - began > budget:
            break
        run(left, 0, seed + 1)
    sampled = _sampled(rows, task, left, results)
    table = [_row(way, results[way], task.metric, sampled.get(way.name), way not in left) for way in ways]
    sentence = answer([row for row in table if not row["dropped"]], sampled, task.metric)
    return {"table": table, "curves": curve, "pairs": _pairs(sampled), "sentence": sentence}


def _fixed(way: Strategy) -> bool:
    """Whether a strategy gives the same answers for every seed."""
    return way.encoder in REFERENCES


def _upper_half(ways: Sequence[Strategy], found: dict[Strategy, list[dict[str, Any]]], metric: str) -> list[Strategy]:
    """References stay; of the rest the better half, never fewer than two."""
    own = sorted((w for w in ways if not _fixed(w)), key=lambda w: -_mean(found[w], metric))
    keep = set(own[: max(2, -(-len(own) // 2))])
    return [way for way in ways if _fixed(way) or way in keep]


def _mean(runs: Sequence[dict[str, Any]], metric: str) -> float:
    return float(np.mean([run["metrics"][metric] for run in runs]))


def _sampled(rows: Rows, task: Any, ways: Sequence[Strategy], results: dict[Strategy, Any]) -> dict[str, Sampled]:
    target = targets(task, read_rows(rows.dev, task))
    answers = {way.name: [np.array(run["answers"]) for run in results[way]] for way in ways}
    return resample(task.kind, task.metric, target, answers)


def _row(
    way: Strategy, runs: Sequence[dict[str, Any]], metric: str, sampled: Sampled | None, dropped: bool
) -> dict[str, Any]:
    scores = [run["metrics"][metric] for run in runs]
    row = {"strategy": way.name, "encoder": way.encoder, "tuning": way.tuning, "metric": metric, "seeds": len(runs)}
    row |= {"score": float(np.mean(scores)), "seconds": float(np.mean([run["seconds"] for run in runs]))}
    row |= {"std": float(np.std(scores, ddof=1)) if len(scores) > 1 else None, "parameters": runs[0]["parameters"]}
    row |= {"rows": runs[0]["train_rows"], "reference": way.reference, "dropped": dropped}
    for name in ("drift", "kept", "kept_dev_only", "gap"):
        if runs[0].get(name) is not None:
            row[name] = float(np.mean([run[name] for run in runs]))
    for name, seen in (("seen", True), ("unseen", False)):
        found = [part["score"] for run in runs for part in run.get("by_seen", []) if part["seen"] == seen]
        if found:
            row[name] = float(np.mean(found))
    changes = [one["after"] - one["before"] for run in runs for one in run.get("similarity", [])]
    if changes:
        row["similarity"] = float(np.mean(changes))
    if sampled is not None:
        row["low"], row["high"] = sampled.interval
    return row


def _pairs(sampled: dict[str, Sampled]) -> list[dict[str, Any]]:
    ranked = sorted(sampled, key=lambda name: -sampled[name].mean)
    pairs = []
    for i, first in enumerate(ranked):
        for second in ranked[i + 1 :]:
            mean, low, high = difference(sampled[first], sampled[second])
            chance = better(sampled[first], sampled[second])
            pairs.append(
                {"first": first, "second": second, "better": chance, "difference": mean, "low": low, "high": high}
            )
    return pairs


def answer(table: Sequence[dict[str, Any]], sampled: dict[str, Sampled], metric: str) -> str:
    """What these data show in a sentence: the best way, and what they cannot tell from it."""
    ranked = sorted((row for row in table if not row["reference"]), key=lambda row: -row["score"])
    best = ranked[0]["strategy"]

    def tied(rows: Sequence[dict[str, Any]]) -> list[str]:
        return [row["strategy"] for row in rows if better(sampled[best], sampled[row["strategy"]]) < SURE]

    same, references = tied(ranked[1:]), tied([row for row in table if row["reference"]])
    said = f"{best} has the best mean {metric} of the ways compared, {ranked[0]['score']:.4f}"
    if len(same) == len(ranked) - 1 and same:
        said += ", but these data show no difference between them"
    elif same:
        said += f"; these data show no difference between it and {', '.join(same)}"
    else:
        said += f", and beats each of the others with a probability of {SURE} or more"
    if references:
        return f"{said}. It does not clearly beat {', '.join(references)}."
    return f"{said}. It beats every reference."
