"""How far training moved the vectors and what they forgot: a section of the record.

Drift by frequency, neighbours kept, word similarity before and after. Words that dev has and train lacks do not move
themselves; what moves is the company they had, so their neighbours are counted apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wordfit.embedding import WordEmbedding
from wordfit.training.preparation import Prepared
from wordfit.vectors import WordVectors
from wordfit.vectors.evaluate import WordSet, similarity_score

EDGES = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
NEIGHBOURS = 10


def movement(embedding: WordEmbedding, prepared: Prepared, sets: Sequence[WordSet] = ()) -> dict[str, Any]:
    """Drift of each word as a share of its start's length, by frequency rank; the most moved; neighbours kept.

    Only words with a pre-trained vector count, since the others start from noise. `sets` of word similarity are
    scored with the vectors before and after.
    """
    start, now = prepared.alignment.matrix, embedding.weight.detach().numpy()  # (V, D)
    counts, words = prepared.vocabulary.counts, prepared.vocabulary.words
    known = prepared.alignment.known
    drift = np.linalg.norm(now - start, axis=1) / np.maximum(np.linalg.norm(start, axis=1), 1e-6)  # (V,)
    rank = np.arange(len(words)) - 1  # words stand by falling frequency
    by_frequency = []
    for low, high in zip(EDGES[:-1], EDGES[1:]):
        inside = (rank >= low) & (rank < high) & known & (counts > 0)
        if inside.any():
            by_frequency.append({"from_rank": low, "to_rank": high - 1, "drift": float(drift[inside].mean())})
    section: dict[str, Any] = {
        "rows": len(words),
        "moved_rows": int((now != start).any(axis=1).sum()),
        "mean_drift": float(drift[known & (counts > 0)].mean()) if (known & (counts > 0)).any() else 0.0,
        "unseen_drift": float(drift[2:][counts[2:] == 0].max(initial=0.0)),
        "by_frequency": by_frequency,
        "similarity": similarity_before_and_after(start, now, known, words, sets),
    }
    only_dev = np.flatnonzero(known & (counts == 0) & (np.arange(len(words)) >= 2))
    section["dev_only"] = {"words": len(only_dev), "drift": float(drift[only_dev].mean()) if len(only_dev) else 0.0}
    section |= {"neighbours_kept": 1.0}
    if section["moved_rows"]:
        enough = np.where(known & (counts >= 5), drift, 0)
        most = np.argsort(-enough, kind="stable")[:20]
        section["most_moved"] = [[words[i], float(drift[i]), int(counts[i])] for i in most if enough[i] > 0]
        section |= _neighbours(start, now, known & (counts > 0), words, most[:8])
    section["dev_only"]["neighbours_kept"] = neighbours_kept(start, now, np.flatnonzero(known), only_dev)
    return section


def retained(embedding: WordEmbedding, prepared: Prepared, sets: Sequence[WordSet] = ()) -> dict[str, Any]:
    """The figures of `movement` that a table of many runs shows: neighbours kept, and word similarity."""
    start, now = prepared.alignment.matrix, embedding.weight.detach().numpy()  # (V, D)
    known, counts = prepared.alignment.known, prepared.vocabulary.counts
    rows, only_dev = np.flatnonzero(known), np.flatnonzero(known & (counts == 0))
    found: dict[str, Any] = {
        "kept": neighbours_kept(start, now, rows, np.flatnonzero(known & (counts > 0))),
        "kept_dev_only": neighbours_kept(start, now, rows, only_dev[only_dev >= 2]),
    }
    if sets:
        found["similarity"] = similarity_before_and_after(start, now, known, prepared.vocabulary.words, sets)
    return found


def neighbours_kept(start: np.ndarray, now: np.ndarray, rows: np.ndarray, of: np.ndarray) -> float | None:
    """Share of the `NEIGHBOURS` nearest among `rows` that are the same before and after, over a sample of `of`."""
    if not len(of) or len(rows) <= NEIGHBOURS:
        return None
    sample = of[np.linspace(0, len(of) - 1, min(200, len(of))).astype(int)]
    if np.array_equal(start[rows], now[rows]):
        return 1.0
    before, after = (_nearest(matrix, rows, sample) for matrix in (start, now))
    return float(np.mean([len(set(b) & set(a)) / NEIGHBOURS for b, a in zip(before, after)]))


def similarity_before_and_after(
    start: np.ndarray, now: np.ndarray, known: np.ndarray, words: Sequence[str], sets: Sequence[WordSet]
) -> list[dict[str, Any]]:
    """Spearman's correlation with people's scores, over the pairs whose words the data have and the vectors know."""
    rows = np.flatnonzero(known)
    names = [words[int(i)] for i in rows]
    table = []
    for pairs in (one for one in sets if one.pairs):
        before, after = (similarity_score(WordVectors(names, matrix[rows]), pairs, draws=0) for matrix in (start, now))
        if before.found >= 10:
            row = {"name": pairs.name, "pairs": before.pairs, "found": before.found, "before": before.spearman}
            table.append(row | {"after": after.spearman})
    return table


def _neighbours(
    start: np.ndarray, now: np.ndarray, known: np.ndarray, words: list[str], shown: np.ndarray
) -> dict[str, Any]:
    """Nearest words before and after, among the known words of train; the share kept over a sample of them."""
    rows = np.flatnonzero(known)
    if len(rows) <= NEIGHBOURS:
        return {}
    shown = np.array([i for i in shown if known[i]], dtype=int)
    table = []
    for i, b, a in zip(shown, _nearest(start, rows, shown), _nearest(now, rows, shown)):
        table.append({"word": words[i], "before": [words[j] for j in b[:5]], "after": [words[j] for j in a[:5]]})
    return {"neighbours_kept": neighbours_kept(start, now, rows, rows), "neighbours": table}


def _nearest(matrix: np.ndarray, rows: np.ndarray, of: np.ndarray) -> np.ndarray:
    """The `NEIGHBOURS` nearest rows by cosine for each of `of`: (N, NEIGHBOURS)."""
    unit = matrix[rows] / np.maximum(np.linalg.norm(matrix[rows], axis=1, keepdims=True), 1e-9)
    asked = matrix[of] / np.maximum(np.linalg.norm(matrix[of], axis=1, keepdims=True), 1e-9)
    scores = asked @ unit.T  # (N, R)
    scores[np.arange(len(of)), np.searchsorted(rows, of)] = -np.inf
    best = np.argpartition(-scores, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]  # (N, NEIGHBOURS), in no order
    order = np.argsort(-np.take_along_axis(scores, best, 1), axis=1, kind="stable")
    return rows[np.take_along_axis(best, order, 1)]
