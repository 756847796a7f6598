"""Reference learners: what a linear model in closed form finds in a sample of the rows, without training a network.

Three kernels over the same rows: the bag of their words (which words there are), the frozen mean of their vectors
(what the vectors know of them), and both. Ridge regression on the targets, judged by leaving each row out, which has a
closed form: e_i = (G y)_i / G_ii with G = (K + lambda I)^-1 (Rasmussen and Williams 2006, 5.12). With dev rows the
penalty is chosen by leaving out, and the score is dev's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from wordfit.data import Encoded, Task
from wordfit.training.metrics import METRICS

PENALTIES = (0.1, 1.0)  # of a kernel whose diagonal is one on average
ROWS = 1000  # rows that are learned from, and as many of dev that are scored


@dataclass(frozen=True)
class Part:
    """Rows as ids, one or two texts each, with their targets."""

    texts: tuple[Encoded, ...]
    target: np.ndarray

    def __len__(self) -> int:
        return len(self.target)

    def sample(self, most: int, seed: int = 0) -> Part:
        """So many rows, drawn by the seed, in their order."""
        if most >= len(self):
            return self
        rows = np.sort(np.random.default_rng(seed).choice(len(self), most, replace=False))
        parts = [[text.ids[text.offsets[i] : text.offsets[i + 1]] for i in rows] for text in self.texts]
        ends = [np.concatenate([[0], np.cumsum([len(ids) for ids in part])]) for part in parts]
        texts = tuple(Encoded(np.concatenate(part), end) for part, end in zip(parts, ends))
        return Part(texts, self.target[rows])


def reference_scores(
    task: Task, train: Part, dev: Part | None, matrix: np.ndarray, known: np.ndarray, seed: int = 0
) -> dict[str, float]:
    """The task's metric of each learner on dev, or on train rows left out: bag, known (the bag of words with a
    vector), mean, both.

    `matrix` (V, D) are the frozen vectors, with zeros for words that have none; `known` (V,) says which have one.
    """
    train = train.sample(ROWS, seed)
    dev = dev.sample(ROWS, seed) if dev is not None else None
    every = [train, dev] if dev is not None else [train]
    bags = [_bags(part, len(matrix)) for part in every]
    inverse = _rarity(bags[0])
    views = {
        "bag": [_paired([bag.multiply(inverse).tocsr() for bag in part]) for part in bags],
        "known": [_paired([bag.multiply(inverse * known).tocsr() for bag in part]) for part in bags],
        "mean": [_paired([_means(bag, matrix) for bag in part]) for part in bags],
    }
    kernels = {name: _kernel(view) for name, view in views.items()}
    kernels["both"] = [(a + b) / 2 for a, b in zip(kernels["bag"], kernels["mean"])]
    return {name: _judged(task, kernel, train, dev) for name, kernel in kernels.items()}


def marginal_score(task: Task, train: Part, dev: Part | None) -> float:
    """The metric of an answer that looks at no text: the commonest class, the labels most rows have, the mean."""
    target = (dev or train).target
    wanted = _wanted(task, train.target).mean(axis=0)
    return METRICS[task.kind][task.metric](target, _read(task, np.tile(wanted, (len(target), 1))))


def _bags(part: Part, size: int) -> list[sparse.csr_matrix]:
    """Per text of the rows, how often each word occurs: (B, V)."""
    bags = []
    for text in part.texts:
        ones = np.ones(len(text.ids), np.float32)
        bag = sparse.csr_matrix((ones, text.ids, text.offsets), shape=(len(part), size), copy=True)
        bag.sum_duplicates()
        bags.append(bag)
    return bags


def _rarity(bags: Sequence[sparse.csr_matrix]) -> np.ndarray:
    """Inverse document frequency of each word (V,), as TF-IDF has it."""
    rows = sum(bag.shape[0] for bag in bags)
    found = sum((bag > 0).sum(axis=0) for bag in bags)
    return np.log((1 + rows) / (1 + np.asarray(found).ravel())).astype(np.float32) + 1  # type: ignore[no-any-return]


def _means(bag: sparse.csr_matrix, matrix: np.ndarray) -> np.ndarray:
    return (bag @ matrix) / np.maximum(np.asarray(bag.sum(axis=1)), 1)  # type: ignore[no-any-return]


def _paired(columns: list) -> object:
    """One text as it is; of two the size of their difference and their product, side by side."""
    if len(columns) == 1:
        return columns[0]
    u, v = columns
    if sparse.issparse(u):
        return sparse.hstack([abs(u - v), u.multiply(v)]).tocsr()
    return np.hstack([np.abs(u - v), u * v])


def _kernel(view: list) -> list[np.ndarray]:
    """Inner products of train with itself, and of dev with train; centred where dense, the mean diagonal at one."""
    if not sparse.issparse(view[0]):
        middle, spread = view[0].mean(axis=0), max(float(view[0].std()), 1e-9)
        view = [(part - middle) / spread for part in view]
    kernels = [part @ view[0].T for part in view]
    kernels = [np.asarray(k.todense() if sparse.issparse(k) else k, np.float32) for k in kernels]
    scale = max(float(np.trace(kernels[0])) / len(kernels[0]), 1e-9)
    return [k / scale for k in kernels]


def left_out(kernel: np.ndarray, wanted: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """What ridge regression without row i says of row i, for every i (B, C); and its weights on all rows (B, C)."""
    inverse = np.linalg.inv(kernel + penalty * np.eye(len(kernel), dtype=kernel.dtype))
    weights = inverse @ wanted
    return wanted - weights / np.diag(inverse)[:, None], weights


def _judged(task: Task, kernel: list[np.ndarray], train: Part, dev: Part | None) -> float:
    wanted, metric = _wanted(task, train.target), METRICS[task.kind][task.metric]
    middle = wanted.mean(axis=0)
    best, weights = -np.inf, wanted
    for penalty in PENALTIES:
        said, found = left_out(kernel[0], wanted - middle, penalty)
        value = metric(train.target, _read(task, said + middle))
        if value > best:
            best, weights = value, found
    if dev is None:
        return best
    return metric(dev.target, _read(task, kernel[1] @ weights + middle))


def _wanted(task: Task, target: np.ndarray) -> np.ndarray:
    """Targets as numbers to regress on: (B, C) one-hot, (B, L) marks, or (B, 1) scores."""
    if task.kind == "classes":
        return np.eye(len(task.labels))[target]
    return target.astype(np.float64).reshape(len(target), -1)  # type: ignore[no-any-return]


def _read(task: Task, values: np.ndarray) -> np.ndarray:
    if task.kind == "classes":
        return values.argmax(axis=1)
    return values > 0.5 if task.kind == "labels" else values[:, 0]
