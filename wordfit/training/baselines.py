"""What a network is measured against: the majority, TF-IDF with a linear model, and similarity without training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier

from wordfit.data import Dataset, Task
from wordfit.training.preparation import targets
from wordfit.training.similarity import SIMILARITIES, answers
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


BASELINES: dict[str, Baseline] = {
    "majority": majority,
    "tfidf": tfidf,
    **{name: partial(answers, similarity) for name, similarity in SIMILARITIES.items()},
}
