"""The cells of a mean of words with one linear layer, straight on wordfit's compiled engine (`BagFit`).

A data set is prepared once for a vector set; sizes, seeds and strategies share it. So a cell takes a fraction of a
second, and the whole table some minutes of one core. Each is kept as JSON by its content, in the form of a cell of
`training.cells`: test and dev scores, answers, gap, rows with unseen words, drift, neighbours, word similarity.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from claims_cells import COMPILED, STRATEGIES, WORD_SETS, Place
from claims_data import VECTORS, rows_of
from scipy import sparse

from wordfit.data import Encoded, read_rows, read_train
from wordfit.embedding import Tuning
from wordfit.files import write_whole
from wordfit.record import plain
from wordfit.training.bag import BagFit
from wordfit.training.drift import neighbours_kept, similarity_before_and_after
from wordfit.training.preparation import Prepared, encode, prepare
from wordfit.training.settings import Settings
from wordfit.vectors import WordVectors
from wordfit.vectors.evaluate import read_sets

CLIP = Settings().clip
PAIRS = 50  # pairs of a word-similarity set that the data must have


def key(place: Place) -> str:
    """The hash of a place and of how it is run."""
    content = asdict(place) | {"settings": COMPILED, "strategy": STRATEGIES[place.strategy][:2], "engine": "BagFit"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]


def fast_cells(
    wanted: Sequence[Place], folder: Path, done: bool, said: Callable[[Place, dict[str, Any]], None]
) -> list[tuple[Place, dict[str, Any]]]:
    """Results of these places; what is kept is not run again, and with `done` nothing is."""
    results = {}
    for place in sorted(wanted, key=lambda p: p.seed):  # stable: the order of the form, seed by seed
        file = folder / "fast" / f"{key(place)}.json"
        if not file.exists() and not done:
            with write_whole(file) as out:
                json.dump(plain(run(place, folder)), out)
            said(place, json.loads(file.read_text("utf-8")))
        if file.exists():
            results[place] = json.loads(file.read_text("utf-8"))
    return [(place, results[place]) for place in wanted if place in results]


@lru_cache(maxsize=16)
def prepared(data: str, vectors: str, folder: Path) -> tuple[Prepared, Any]:
    """All rows of a data set with a vector set, and its test rows encoded the same."""
    rows = rows_of(data, folder)
    task, train = read_train(rows.train, kind=rows.kind, metric=rows.metric)
    if vectors == "random":
        noise = np.random.default_rng(0).normal(0, 0.1, (100, 50)).astype(np.float32)
        sets = [WordVectors([f"\x00{i}" for i in range(100)], noise)]
    else:
        sets = [WordVectors.load(VECTORS[vectors])]
    ready = prepare(task, train, read_rows(rows.dev, task), sets, Settings())
    return ready, encode(task, read_rows(rows.also[0][1], task), ready.tokenizer)


def run(place: Place, folder: Path) -> dict[str, Any]:
    """Train one mean of words, stop on dev, score on test."""
    ready, test = prepared(place.data, place.vectors, folder)
    size, count = place.size or len(ready.train.rows), len(ready.train.rows)
    chosen = np.sort(np.random.default_rng(place.seed).permutation(count)[:size])
    start, known = ready.alignment.matrix, ready.alignment.known
    train = taken(ready.train.texts[0], chosen)
    counts = np.bincount(train.ids, minlength=len(start))
    known = known & (np.arange(len(start)) >= 2)
    own = np.where(known | (counts >= Settings().min_count), np.arange(len(start)), 1)  # the rest is the unknown word
    train, dev, rest = (
        Encoded(own[t.ids].astype(np.int32), t.offsets) for t in (train, ready.dev.texts[0], test.texts[0])
    )
    target = ready.train.target[chosen]
    classes = len(ready.task.labels)
    runs = [
        (*trained(place, rate, start, known, train, target, dev, ready.dev.target, classes), rate)
        for rate in STRATEGIES[place.strategy][1]
    ]
    _, (table, weight, bias), rate = max(runs, key=lambda found: found[0])
    answer = {name: bag(text, len(start)) @ table @ weight.T + bias for name, text in
              (("train", train), ("dev", dev), ("test", rest))}  # fmt: skip
    right = {
        name: answer[name].argmax(1) == y
        for name, y in (("train", target), ("dev", ready.dev.target), ("test", test.target))
    }
    counts = np.bincount(train.ids, minlength=len(start))
    result = {
        "metrics": {"accuracy": float(right["dev"].mean())},
        "also": {"test": {"accuracy": float(right["test"].mean())}},
        "lr": rate,
        "gap": float(right["train"].mean() - right["dev"].mean()),
        "by_seen": by_seen(rest, right["test"], counts),
    }
    return result | moved(place, start, table, known, counts, ready.vocabulary.words)


def taken(text: Encoded, rows: np.ndarray) -> Encoded:
    """Some rows of a text."""
    parts = [text.ids[text.offsets[i] : text.offsets[i + 1]] for i in rows]
    return Encoded(np.concatenate(parts), np.concatenate([[0], np.cumsum([len(part) for part in parts])]))


def bag(text: Encoded, size: int) -> sparse.csr_matrix:
    """Each text's words, their weights summing to one: (B, V)."""
    share = np.repeat(1 / np.maximum(text.lengths, 1), text.lengths).astype(np.float32)
    return sparse.csr_matrix((share, text.ids, text.offsets), shape=(len(text), size))


def trained(
    place: Place,
    rate: float,
    start: np.ndarray,
    known: np.ndarray,
    train: Encoded,
    target: np.ndarray,
    dev: Encoded,
    dev_target: np.ndarray,
    classes: int,
) -> tuple[float, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The best dev accuracy of an epoch, and its table (V, D), weight (C, D) and bias (C,)."""
    tuning = STRATEGIES[place.strategy][0]
    random, width = np.random.default_rng(place.seed), start.shape[1]
    table, edge = start.copy(), 1 / np.sqrt(width)
    weight = random.uniform(-edge, edge, (classes, width)).astype(np.float32)
    bias = np.zeros(classes, np.float32)
    settings = {"start": start, "known": known, "clip": CLIP, "rule": COMPILED["optimizer"]}
    fit = BagFit(table, weight, bias, "classes", Tuning.parse(tuning), **settings)
    held, best, kept, since = bag(dev, len(start)), -1.0, (table, weight, bias), 0
    for epoch in range(COMPILED["epochs"]):
        fit.fit_epoch(train.ids, train.offsets, target, (rate, rate), place.seed * 100_003 + epoch)
        score = float(((held @ table @ weight.T + bias).argmax(1) == dev_target).mean())
        since = 0 if score > best else since + 1
        if score > best:
            best, kept = score, (table.copy(), weight.copy(), bias.copy())
        if since >= COMPILED["patience"]:
            break
    return best, kept


def by_seen(text: Encoded, right: np.ndarray, counts: np.ndarray) -> list[dict[str, Any]]:
    """Accuracy on test rows whose words train has all, and on the others."""
    seen = counts > 0
    seen[1] = False
    inside = np.asarray(bag(text, len(counts)) @ seen.astype(np.float32)) > 1 - 1e-5
    return [
        {"seen": which, "rows": int(rows.sum()), "score": float(right[rows].mean())}
        for which, rows in ((True, inside), (False, ~inside))
        if rows.sum() >= 5
    ]


def moved(
    place: Place, start: np.ndarray, table: np.ndarray, known: np.ndarray, counts: np.ndarray, words: list[str]
) -> dict[str, Any]:
    """Drift of the words of train; neighbours and word similarity where strategies share a learning rate (3c to 3e)."""
    some = known & (counts > 0)
    drift = np.linalg.norm(table[some] - start[some], axis=1) / np.maximum(np.linalg.norm(start[some], axis=1), 1e-6)
    found: dict[str, Any] = {"drift": float(drift.mean()) if some.any() else 0.0}
    if place.strategy.endswith("at 0.1"):
        rows, alone = np.flatnonzero(known), np.flatnonzero(known & (counts == 0))
        found["kept"] = neighbours_kept(start, table, rows, np.flatnonzero(some))
        found["kept_dev_only"] = neighbours_kept(start, table, rows, alone)
        found["similarity"] = similarity_before_and_after(start, table, known, words, word_sets())
    return found


@lru_cache(maxsize=1)
def word_sets() -> list[Any]:
    """The word-similarity sets."""
    return [one for one in read_sets(WORD_SETS) if len(one.pairs) >= PAIRS]
