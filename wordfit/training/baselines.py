"""What a network is measured against: the majority, TF-IDF with a linear model, and similarity without training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier

from wordfit.data import Dataset, Encoded, Rules, Task, Tokenizer, Vocabulary
from wordfit.embedding import align
from wordfit.training.preparation import targets
from wordfit.vectors import WordVectors

Baseline = Callable[[Task, Dataset, Dataset, Sequence[WordVectors]], np.ndarray]


def majority(task: Task, train: Dataset, dev: Dataset, vectors: Sequence[WordVectors] = ()) -> np.ndarray:
    """The commonest class of train for every row, the labels that most rows have, or the mean score."""
    target = targets(task, train)
    if task.kind == "classes":
        return np.full(len(dev), Counter(target.tolist()).most_common(1)[0][0])
    if task.kind == "labels":
        return np.tile(target.mean(axis=0) > 0.5, (len(dev), 1))
    return np.full(len(dev), target.mean())


def tfidf(task: Task, train: Dataset, dev: Dataset, vectors: Sequence[WordVectors] = ()) -> np.ndarray:
    """TF-IDF as scikit-learn makes it by default, with a linear model; of two texts also product and difference.

    On SST-2 the defaults score more than the treebank's words, with or without word pairs (docs/results.md).
    """
    words = TfidfVectorizer().fit([text for column in train.texts for text in column])
    train_x, dev_x = (_paired([words.transform(column) for column in rows.texts]) for rows in (train, dev))
    target = targets(task, train)
    if task.kind == "score":
        return Ridge().fit(train_x, target).predict(dev_x).clip(task.low, task.high)  # type: ignore[no-any-return]
    linear = LogisticRegression(C=1.0, max_iter=1000)
    model = OneVsRestClassifier(linear) if task.kind == "labels" else linear
    return np.asarray(model.fit(train_x, target).predict(dev_x))


def _paired(columns: list[Any]) -> Any:
    if len(columns) == 1:
        return columns[0]
    u, v = columns
    return sparse.hstack([u, v, abs(u - v), u.multiply(v)]).tocsr()


def sif(task: Task, train: Dataset, dev: Dataset, vectors: Sequence[WordVectors]) -> np.ndarray:
    """Cosine of two texts' SIF-weighted means, their common component removed (Arora et al. 2017); no training.

    Scores are the cosine on the task's scale; classes are told apart by the threshold that suits train best.
    """
    cosine = {name: _cosines(train, rows, vectors) for name, rows in (("train", train), ("dev", dev))}
    if task.kind == "score":
        return task.low + (task.high - task.low) * cosine["dev"].clip(0, 1)  # type: ignore[no-any-return]
    model = LogisticRegression().fit(cosine["train"][:, None], targets(task, train))
    return np.asarray(model.predict(cosine["dev"][:, None]))


def _cosines(train: Dataset, rows: Dataset, vectors: Sequence[WordVectors]) -> np.ndarray:
    tokenizer = Tokenizer(Rules.matched_to(vectors[0]))
    texts = [text for column in train.texts for text in column]
    vocabulary = Vocabulary.build(tokenizer, texts, [text for column in rows.texts for text in column])
    matrix = align(vectors, vocabulary.words, "zero").matrix
    weights = vocabulary.sif_weights()  # (V,)
    tokenizer = tokenizer.with_words(vocabulary.words)

    def means(column: list[str]) -> np.ndarray:
        encoded = Encoded.of(column, tokenizer)
        total = np.zeros((len(encoded) + 1, matrix.shape[1]))
        np.add.at(total, np.repeat(np.arange(len(encoded)), encoded.lengths), (matrix * weights[:, None])[encoded.ids])
        return total[:-1] / np.maximum(encoded.lengths, 1)[:, None]  # type: ignore[no-any-return]

    common = np.linalg.svd(means(texts), full_matrices=False)[2][0]  # (D,)
    u, v = (m - np.outer(m @ common, common) for m in map(means, rows.texts))
    norms = np.linalg.norm(u, axis=1) * np.linalg.norm(v, axis=1)
    return (u * v).sum(axis=1) / np.maximum(norms, 1e-9)  # type: ignore[no-any-return]


BASELINES: dict[str, Baseline] = {"majority": majority, "tfidf": tfidf, "sif": sif}
