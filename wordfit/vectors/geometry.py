"""The shape of a set of vectors: does it point one way, do lengths follow frequency, are a few words near to all?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wordfit.vectors.evaluate import spearman
from wordfit.vectors.similarity import top, unit

if TYPE_CHECKING:
    from wordfit.vectors.word_vectors import WordVectors


@dataclass(frozen=True)
class Geometry:
    """What was measured on a sample of words drawn with a seed."""

    words: int  # the sample
    mean_cosine: float  # of random pairs: 0 for directions spread evenly (Ethayarajh 2019)
    mean_share: float  # squared length of the mean vector over the mean squared length
    isotropy: float  # least over greatest of the partition function along eigenvectors (Mu and Viswanath 2018)
    top_share: float  # variance along the first principal component
    effective_dimensions: float  # participation ratio of the variances, at most D
    norm_median: float
    norm_rank: float  # Spearman's correlation of length with rank in the file, where frequent words come first
    hubness: float  # skewness of how often a word is among the ten nearest of another (Radovanovic et al. 2010)
    hubs: tuple[tuple[str, int], ...]  # the words that are most often, and how often


def geometry(vectors: WordVectors, sample: int = 10_000, neighbours: int = 10, seed: int = 0) -> Geometry:
    """Measure the shape on at most `sample` words."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(vectors))[:sample])
    chosen = type(vectors)([vectors.index_to_key[i] for i in rows.tolist()], vectors.vectors[rows])
    matrix = chosen.vectors.astype(np.float64)  # (N, D)
    pairs = rng.integers(0, len(matrix), (100_000, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    units = unit(matrix)
    mean = matrix.mean(axis=0)
    values, directions = np.linalg.eigh(np.cov(matrix.T).reshape(matrix.shape[1], -1))
    counts = _times_near(chosen, neighbours)
    order = np.argsort(-counts, kind="stable")[:5]
    return Geometry(
        words=len(matrix),
        mean_cosine=float((units[pairs[:, 0]] * units[pairs[:, 1]]).sum(axis=1).mean()) if len(pairs) else 1.0,
        mean_share=_ratio(float(mean @ mean), float((matrix**2).sum(axis=1).mean())),
        isotropy=_isotropy(matrix, directions),
        top_share=_ratio(float(values[-1]), float(values.sum())),
        effective_dimensions=_ratio(float(values.sum() ** 2), float((values**2).sum())),
        norm_median=float(np.median(chosen.norms)),
        norm_rank=spearman(chosen.norms, rows),
        hubness=_skewness(counts),
        hubs=tuple((chosen.index_to_key[i], int(counts[i])) for i in order.tolist()),
    )


def _ratio(above: float, below: float) -> float:
    return above / below if below else 0.0


def _isotropy(matrix: np.ndarray, directions: np.ndarray) -> float:
    """min Z(c) / max Z(c) over eigenvectors c and their opposites, Z(c) the sum of exp(c . v)."""
    along = matrix @ directions  # (N, D)
    both = np.concatenate([along, -along], axis=1)
    peaks = both.max(axis=0)
    logs = peaks + np.log(np.exp(both - peaks).sum(axis=0))
    return float(np.exp(logs.min() - logs.max()))


def _times_near(vectors: WordVectors, neighbours: int) -> np.ndarray:
    """How often each word is among the nearest of the others: (N,)."""
    rows = np.arange(len(vectors))[:, None]
    near, _ = top(vectors, unit(vectors.vectors), neighbours, rows)
    return np.bincount(near[near >= 0].ravel(), minlength=len(vectors))


def _skewness(counts: np.ndarray) -> float:
    spread = counts.std()
    return float((((counts - counts.mean()) / spread) ** 3).mean()) if spread else 0.0
