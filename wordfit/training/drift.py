"""How far training moved the vectors, and which neighbours changed: a section of the record."""

from __future__ import annotations

from typing import Any

import numpy as np

from wordfit.embedding import WordEmbedding
from wordfit.training.preparation import Prepared

EDGES = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
NEIGHBOURS = 10


def movement(embedding: WordEmbedding, prepared: Prepared) -> dict[str, Any]:
    """Drift of each word as a share of its start's length, by frequency rank; the most moved; neighbours kept.

    Only words with a pre-trained vector count, since the others start from noise.
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
    }
    if section["moved_rows"]:
        enough = np.where(known & (counts >= 5), drift, 0)
        most = np.argsort(-enough, kind="stable")[:20]
        section["most_moved"] = [[words[i], float(drift[i]), int(counts[i])] for i in most if enough[i] > 0]
        section |= _neighbours(start, now, known & (counts > 0), words, most[:8])
    return section


def _neighbours(
    start: np.ndarray, now: np.ndarray, known: np.ndarray, words: list[str], shown: np.ndarray
) -> dict[str, Any]:
    """Nearest words before and after, among the known words of train; the share kept over a sample of them."""
    rows = np.flatnonzero(known)
    if len(rows) <= NEIGHBOURS:
        return {}
    sample = rows[np.linspace(0, len(rows) - 1, min(200, len(rows))).astype(int)]
    before, after = (_nearest(matrix, rows, sample) for matrix in (start, now))
    kept = np.mean([len(set(b) & set(a)) / NEIGHBOURS for b, a in zip(before, after)])
    shown = np.array([i for i in shown if known[i]], dtype=int)
    table = []
    for i, b, a in zip(shown, _nearest(start, rows, shown), _nearest(now, rows, shown)):
        table.append({"word": words[i], "before": [words[j] for j in b[:5]], "after": [words[j] for j in a[:5]]})
    return {"neighbours_kept": float(kept), "neighbours": table}


def _nearest(matrix: np.ndarray, rows: np.ndarray, of: np.ndarray) -> np.ndarray:
    """The `NEIGHBOURS` nearest rows by cosine for each of `of`: (N, NEIGHBOURS)."""
    unit = matrix[rows] / np.maximum(np.linalg.norm(matrix[rows], axis=1, keepdims=True), 1e-9)
    asked = matrix[of] / np.maximum(np.linalg.norm(matrix[of], axis=1, keepdims=True), 1e-9)
    scores = asked @ unit.T  # (N, R)
    scores[np.arange(len(of)), np.searchsorted(rows, of)] = -np.inf
    return rows[np.argsort(-scores, axis=1, kind="stable")[:, :NEIGHBOURS]]
