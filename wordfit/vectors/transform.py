"""Changed copies of a set of vectors: fewer words, other lengths, the common part taken off, two sets made one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wordfit.errors import InputError
from wordfit.vectors.similarity import unit

if TYPE_CHECKING:
    from wordfit.vectors.word_vectors import WordVectors


def _with_rows(vectors: WordVectors, matrix: np.ndarray) -> WordVectors:
    """The same words with other rows (V, D')."""
    made = type(vectors).__new__(type(vectors))
    return made._set(vectors.index_to_key, vectors.key_to_index, matrix, vectors.notes)


def subset(vectors: WordVectors, words: Iterable[str]) -> WordVectors:
    """See `WordVectors.subset`."""
    asked = list(dict.fromkeys(words))
    rows = vectors.indices(asked)
    kept = [word for word, row in zip(asked, rows.tolist()) if row >= 0]
    return type(vectors)(kept, vectors.vectors[rows[rows >= 0]])


def normalised(vectors: WordVectors) -> WordVectors:
    """See `WordVectors.normalised`."""
    return _with_rows(vectors, unit(vectors.vectors))


def centred(vectors: WordVectors) -> WordVectors:
    """See `WordVectors.centred`."""
    return _with_rows(vectors, vectors.vectors - _mean(vectors.vectors))


def _mean(matrix: np.ndarray) -> np.ndarray:
    return matrix.mean(axis=0, dtype=np.float64).astype(np.float32)


def without_top(vectors: WordVectors, components: int | None = None) -> WordVectors:
    """See `WordVectors.without_top`."""
    count = max(1, round(vectors.vector_size / 100)) if components is None else components
    if not 0 <= count <= vectors.vector_size:
        raise InputError(f"components={count}: expected 0 to {vectors.vector_size}")
    rest = vectors.vectors - _mean(vectors.vectors)  # (V, D)
    _, directions = np.linalg.eigh((rest.T @ rest).astype(np.float64))  # ascending
    top = directions[:, vectors.vector_size - count :].astype(np.float32)  # (D, K)
    return _with_rows(vectors, rest - (rest @ top) @ top.T)


def joined(vectors: WordVectors, other: WordVectors) -> WordVectors:
    """See `WordVectors.joined`."""
    rows = other.indices(vectors.index_to_key)
    kept = np.flatnonzero(rows >= 0)
    if not len(kept):
        raise InputError("joined: expected sets of vectors that share words, found none shared")
    words = [vectors.index_to_key[i] for i in kept.tolist()]
    return type(vectors)(words, np.hstack([vectors.vectors[kept], other.vectors[rows[kept]]]))


def aligned(vectors: WordVectors, other: WordVectors, words: Sequence[tuple[str, str]] | None = None) -> WordVectors:
    """See `WordVectors.aligned`."""
    if vectors.vector_size != other.vector_size:
        raise InputError(f"aligned: expected sets of one width, found {vectors.vector_size} and {other.vector_size}")
    pairs = [(word, word) for word in vectors.index_to_key] if words is None else list(words)
    rows = vectors.indices([a for a, _ in pairs])
    others = other.indices([b for _, b in pairs])
    both = (rows >= 0) & (others >= 0)
    if not both.any():
        raise InputError("aligned: expected words that both sets have, found none")
    product = vectors.vectors[rows[both]].T.astype(np.float64) @ other.vectors[others[both]].astype(np.float64)
    left, _, right = np.linalg.svd(product)
    return _with_rows(vectors, vectors.vectors @ (left @ right).astype(np.float32))
