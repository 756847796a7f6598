"""Neighbours by cosine: one question or thousands at once, in blocks, without a second matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from wordfit.errors import InputError

if TYPE_CHECKING:
    from wordfit.vectors.word_vectors import WordVectors

SCORES = 1 << 23  # cosines held at a time
QUERIES = 2048  # questions answered at a time
MANY = 1 << 26  # so many cosines are worth loading the compiled scan for
SMALLEST = 1e-30  # stands in for the length of a zero vector


def lengths(vectors: np.ndarray) -> np.ndarray:
    """The Euclidean length of each row: (V,) float32."""
    return np.sqrt(np.einsum("vd,vd->v", vectors, vectors))


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    """The cosine of two vectors (D,); 0 if one of them is zero."""
    return float(np.dot(a, b) / max(np.linalg.norm(a) * np.linalg.norm(b), SMALLEST))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows (N, D) at length one; a zero row stays zero."""
    return vectors / np.maximum(lengths(vectors), SMALLEST)[:, None]


def nearest(
    vectors: WordVectors, queries: Sequence[str] | np.ndarray, topn: int, restrict: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and cosines (Q, topn) of the nearest words, best first; see `WordVectors.nearest`."""
    if isinstance(queries, np.ndarray):
        asked, own = queries, np.full((len(queries), 1), -1)
    else:
        if isinstance(queries, str):
            raise InputError("nearest: expected several words or vectors (Q, D), found one string")
        asked, own = vectors[list(queries)], vectors.indices(queries)[:, None]
    return top(vectors, unit(np.asarray(asked, dtype=np.float32)), topn, own, restrict)


def top(
    vectors: WordVectors, queries: np.ndarray, count: int, left_out: np.ndarray, restrict: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and cosines of the best `count` for unit vectors (Q, D); `left_out` (Q, E) are rows not to answer."""
    size = min(len(vectors), restrict if restrict is not None else len(vectors))
    count = min(count, size)
    parts = [
        _top(vectors, queries[i : i + QUERIES], count, left_out[i : i + QUERIES], size)
        for i in range(0, len(queries), QUERIES)
    ]
    if not parts:
        return np.empty((0, count), dtype=np.int64), np.empty((0, count), dtype=np.float32)
    return np.concatenate([rows for rows, _ in parts]), np.concatenate([scores for _, scores in parts])


def _top(
    vectors: WordVectors, queries: np.ndarray, count: int, left_out: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    if len(queries) * size >= MANY and count <= 1024:
        from wordfit.vectors.neighbours import many_nearest  # its kernels load numba

        lengths = np.maximum(vectors.norms[:size], SMALLEST)
        rows, scores, decided = many_nearest(vectors.vectors[:size], lengths, queries, count, left_out)
        if not decided.all():  # ties beyond what is worth a list
            rows[~decided], scores[~decided] = _plainly(vectors, queries[~decided], count, left_out[~decided], size)
        return rows, scores
    return _plainly(vectors, queries, count, left_out, size)


def _plainly(
    vectors: WordVectors, queries: np.ndarray, count: int, left_out: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    rows = np.full((len(queries), count), -1, dtype=np.int64)
    best = np.full((len(queries), count), -np.inf, dtype=np.float32)
    step = max(count, SCORES // max(len(queries), 1), 256)
    for start in range(0, size, step):
        stop = min(start + step, size)
        block = vectors.vectors[start:stop] / np.maximum(vectors.norms[start:stop], SMALLEST)[:, None]
        scores = queries @ block.T  # (Q, B)
        asked, places = np.nonzero((left_out >= start) & (left_out < stop))
        scores[asked, left_out[asked, places] - start] = -np.inf
        rows, best = _merge(rows, best, scores, start)
    order = np.argsort(-best, axis=1, kind="stable")
    return np.take_along_axis(rows, order, 1), np.take_along_axis(best, order, 1)


def _merge(rows: np.ndarray, best: np.ndarray, scores: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
    """The best of what was found and of new scores (Q, B) for the rows from `start` on."""
    count = best.shape[1]
    if count == 0:
        return rows, best
    floor = best.min(axis=1)  # only what beats the worst kept is looked at
    if np.isneginf(floor).any() and scores.shape[1] > count:  # the first block: all would
        new = np.argpartition(-scores, count - 1, axis=1)[:, :count]
        found = np.take_along_axis(scores, new, 1)
    else:
        flat = np.flatnonzero((scores > floor[:, None]).ravel())
        asked, places = np.divmod(flat, scores.shape[1])
        if not len(flat):
            return rows, best
        each = np.bincount(asked, minlength=len(scores))
        column = np.arange(len(flat)) - np.repeat(np.cumsum(each) - each, each)
        new = np.zeros((len(scores), int(each.max())), dtype=np.int64)
        found = np.full(new.shape, -np.inf, dtype=np.float32)
        new[asked, column], found[asked, column] = places, scores[asked, places]
    every = np.concatenate([rows, new + start], axis=1)
    all_scores = np.concatenate([best, found], axis=1)
    keep = np.argpartition(-all_scores, count - 1, axis=1)[:, :count]
    return np.take_along_axis(every, keep, 1), np.take_along_axis(all_scores, keep, 1)


def _words(words: str | Sequence[str]) -> list[str]:
    return [words] if isinstance(words, str) else list(words)


def most_similar(
    vectors: WordVectors,
    positive: str | Sequence[str],
    negative: str | Sequence[str],
    topn: int,
    restrict: int | None = None,
) -> list[tuple[str, float]]:
    """See `WordVectors.most_similar`."""
    plus, minus = _words(positive), _words(negative)
    if not plus and not minus:
        raise InputError("most_similar: expected at least one word")
    asked = unit(vectors[plus + minus])  # (N, D)
    signs = np.array([1.0] * len(plus) + [-1.0] * len(minus), dtype=np.float32)
    query = unit((signs @ asked)[None])  # (1, D)
    rows, scores = top(vectors, query, topn, vectors.indices(plus + minus)[None], restrict)
    return _named(vectors, rows[0], scores[0])


def most_similar_cosmul(
    vectors: WordVectors, positive: str | Sequence[str], negative: str | Sequence[str], topn: int
) -> list[tuple[str, float]]:
    """See `WordVectors.most_similar_cosmul`."""
    plus, minus = _words(positive), _words(negative)
    if not plus and not minus:
        raise InputError("most_similar_cosmul: expected at least one word")
    cosines = (vectors.vectors @ unit(vectors[plus + minus]).T) / np.maximum(vectors.norms, SMALLEST)[:, None]
    scores = cosmul(cosines[:, : len(plus)], cosines[:, len(plus) :])  # (V,)
    own = vectors.indices(plus + minus)
    scores[own[own >= 0]] = -np.inf
    rows = np.argsort(-scores, kind="stable")[:topn]
    return _named(vectors, rows, scores[rows])


def cosmul(plus: np.ndarray, minus: np.ndarray) -> np.ndarray:
    """3CosMul over the last axis of cosines (..., P) and (..., N); gensim's epsilon, a millionth."""
    return np.prod((1 + plus) / 2, axis=-1) / (np.prod((1 + minus) / 2, axis=-1) + 1e-6)


def _named(vectors: WordVectors, rows: np.ndarray, scores: np.ndarray) -> list[tuple[str, float]]:
    return [(vectors.index_to_key[int(r)], float(s)) for r, s in zip(rows, scores) if np.isfinite(s)]


def doesnt_match(vectors: WordVectors, words: Sequence[str]) -> str:
    """See `WordVectors.doesnt_match`."""
    if isinstance(words, str) or len(words) < 2:
        raise InputError("doesnt_match: expected at least two words")
    units = unit(vectors[list(words)])  # (N, D)
    return words[int(np.argmin(units @ units.mean(axis=0)))]
