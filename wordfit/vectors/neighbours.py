"""The nearest rows for many unit vectors at once, exactly, in two steps: 16-bit codes first, then the vectors.

A code is a value times 32,000, rounded, so it is off by half at most (and by float32's rounding, counted as 0.02); by
Cauchy and Schwarz the product of two codes is then off by at most 0.52 (|q| + |v|) sqrt(D) of theirs. Every row
whose product is within twice that of the K-th best may be among the K best, and the vectors decide which are.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from wordfit.vectors.kernels import scan as kernels

BLOCK = 512  # words met by all queries before the next: their codes stay in a processor's own cache
SPARE = 256  # candidates beyond twice the wanted number


def many_nearest(
    vectors: np.ndarray, lengths: np.ndarray, queries: np.ndarray, count: int, left_out: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows and cosines (Q, K) of the nearest to unit vectors (Q, D), and which queries (Q,) were decided."""
    undecided = np.zeros(len(queries), dtype=np.bool_)
    best = np.full((len(queries), count), -1, dtype=np.int64)
    scores = np.full((len(queries), count), -np.inf, dtype=np.float32)
    codes = _codes(queries, np.ones(len(queries), dtype=np.float32), kernels.QUERIES)
    parts = _scanned(vectors, lengths, codes, len(queries), count + left_out.shape[1]) if codes is not None else None
    if parts is None:
        return best, scores, undecided
    counts = [c[: len(queries)] for _, c in parts]
    rows = np.concatenate(
        [np.where(np.arange(r.shape[1]) < c[:, None], r[: len(queries)], -1) for (r, _), c in zip(parts, counts)],
        axis=1,
    )
    decided = np.logical_and.reduce([c >= 0 for c in counts])
    kernels.decide(queries, vectors, lengths, rows, np.where(decided, rows.shape[1], 0), left_out, best, scores)
    return best, scores, decided


def _codes(rows: np.ndarray, lengths: np.ndarray, group: int) -> np.ndarray | None:
    """Codes of rows at length one, two of them in an int32: (groups, pairs, group); None if a length is not one."""
    shape = (-(-len(rows) // group), (rows.shape[1] + 1) // 2, group, 2)
    codes = np.zeros(shape, dtype=np.int16)
    return codes.view(np.int32)[..., 0] if kernels.encode_rows(rows, lengths, group, codes) else None


def _scanned(
    vectors: np.ndarray, lengths: np.ndarray, queries: np.ndarray, size: int, best: int
) -> list[tuple[np.ndarray, np.ndarray]] | None:
    """The candidates (Q, C) that each thread found in its share of the words, and how many; None if not to be had."""
    off = 0.52 * math.sqrt(vectors.shape[1])
    margin = math.ceil(2 * off * 2 * (1.0001 * kernels.SCALE + off))
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    starts = iter(range(0, len(vectors), BLOCK))

    def work() -> tuple[np.ndarray, np.ndarray] | None:
        padded = len(queries) * kernels.QUERIES
        found = np.empty((padded, 2 * best + SPARE), dtype=np.int32)
        rows, counts = np.empty(found.shape, dtype=np.int64), np.zeros(padded, dtype=np.int64)
        floors = np.full(padded, kernels.LEAST, dtype=np.int32)
        floors[size:] = np.iinfo(np.int32).max
        out = np.empty(kernels.QUERIES * kernels.WORDS, dtype=np.int32)
        for start in starts:
            stop = min(start + BLOCK, len(vectors))
            words = _codes(vectors[start:stop], lengths[start:stop], kernels.WORDS)
            if words is None:
                return None
            kernels.scan(queries, floors, words, start, stop, best, margin, found, rows, counts, out)
        return rows, counts

    with ThreadPoolExecutor(threads) as pool:
        parts = [job.result() for job in [pool.submit(work) for _ in range(threads)]]
    return None if any(part is None for part in parts) else [part for part in parts if part is not None]
