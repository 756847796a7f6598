"""Similarity of two texts without training: weighted means of their words, less what all texts have in common.

`SIMILARITIES` holds SIF (Arora et al. 2017) and uSIF (Ethayarajh 2018). Words without a vector count for nothing; word
shares and common directions are those of train.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from wordfit.data import Dataset, Encoded, Rules, Task, Tokenizer, Vocabulary
from wordfit.embedding import align
from wordfit.training.preparation import targets
from wordfit.vectors import WordVectors

Weigh = Callable[[np.ndarray, float], np.ndarray]
"""From each word's share of train (V,) and the mean length of a text to each word's weight (V,)."""


def sif_weights(share: np.ndarray, length: float, a: float = 1e-3) -> np.ndarray:
    """a / (a + p(word)) (Arora et al. 2017, equation 3)."""
    return a / (a + share)  # type: ignore[no-any-return]


def usif_weights(share: np.ndarray, length: float) -> np.ndarray:
    """a / (a / 2 + p(word)), a from the vocabulary and the mean length of a text (Ethayarajh 2018, section 4)."""
    words = max(2, int((share > 0).sum()))
    threshold = 1 - (1 - 1 / words) ** length
    alpha = max(1, int((share > threshold).sum())) / words  # share of words that a text of that length would repeat
    a = (1 - alpha) / (alpha * words / 2)
    return a / (a / 2 + share)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Similarity:
    """How words are weighed, how many common directions go, and whether in whole or by their share of the variance."""

    weigh: Weigh
    directions: int
    by_share: bool = False
    scaled: bool = False
    """Whether each dimension of a text's words is brought to length one first."""


SIMILARITIES = {
    "sif": Similarity(sif_weights, 1),
    "usif": Similarity(usif_weights, 5, by_share=True, scaled=True),
}


def cosines(similarity: Similarity, train: Dataset, rows: Dataset, vectors: Sequence[WordVectors]) -> np.ndarray:
    """Cosine (B,) of the two texts of every row; 0 where a text has no word with a vector."""
    tokenizer = Tokenizer(Rules.matched_to(vectors[0]))
    texts = [text for column in train.texts for text in column]
    vocabulary = Vocabulary.build(tokenizer, texts, [text for column in rows.texts for text in column])
    aligned = align(vectors, vocabulary.words, "zero")
    matrix = aligned.matrix.astype(np.float64) * aligned.known[:, None]  # (V, D)
    tokenizer = tokenizer.with_words(vocabulary.words)
    read = Encoded.of(texts, tokenizer)
    weights = similarity.weigh(vocabulary.counts / max(1, vocabulary.counts.sum()), float(read.lengths.mean()))
    of_train = means(read, matrix, weights, similarity.scaled)
    u, v = (
        without_common(means(Encoded.of(column, tokenizer), matrix, weights, similarity.scaled), of_train, similarity)
        for column in rows.texts
    )
    norms = np.linalg.norm(u, axis=1) * np.linalg.norm(v, axis=1)
    return (u * v).sum(axis=1) / np.maximum(norms, 1e-9)  # type: ignore[no-any-return]


def means(texts: Encoded, matrix: np.ndarray, weights: np.ndarray, scaled: bool) -> np.ndarray:
    """Weighted means (B, D) of the words that have a vector, of `matrix` (V, D) and `weights` (V,)."""
    has_vector = np.abs(matrix).max(axis=1) > 0  # (V,)
    count = _sums(texts, has_vector[:, None].astype(np.float64))  # (B, 1)
    found = _sums(texts, matrix * weights[:, None]) / np.maximum(count, 1)
    if scaled:
        length = np.sqrt(_sums(texts, matrix**2))  # (B, D)
        found = np.divide(found, length, out=np.zeros_like(found), where=length > 0)
    return found


def _sums(texts: Encoded, values: np.ndarray) -> np.ndarray:
    shape = (len(texts), len(values))
    return np.asarray(sparse.csr_matrix((np.ones(len(texts.ids)), texts.ids, texts.offsets), shape=shape) @ values)


def without_common(rows: np.ndarray, of_train: np.ndarray, similarity: Similarity) -> np.ndarray:
    """Rows (B, D) less their part along the strongest directions of train's rows (N, D)."""
    variance, axes = np.linalg.eigh(of_train.T @ of_train)  # (D,), (D, D), from the weakest on
    variance, axes = variance[::-1][: similarity.directions], axes[:, ::-1][:, : similarity.directions]
    share = variance / max(float(variance.sum()), 1e-12) if similarity.by_share else np.ones(len(variance))
    return rows - (rows @ axes * share) @ axes.T  # type: ignore[no-any-return]


def answers(
    similarity: Similarity, task: Task, train: Dataset, dev: Dataset, vectors: Sequence[WordVectors]
) -> np.ndarray:
    """Scores: the cosine on the task's scale. Classes: told apart by the thresholds of the cosine that suit train."""
    of_dev = cosines(similarity, train, dev, vectors)
    if task.kind == "score":
        return task.low + (task.high - task.low) * of_dev.clip(0, 1)  # type: ignore[no-any-return]
    of_train = cosines(similarity, train, train, vectors)
    return np.asarray(LogisticRegression().fit(of_train[:, None], targets(task, train)).predict(of_dev[:, None]))
