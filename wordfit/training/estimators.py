"""scikit-learn's estimators over `run`: `TextClassifier`, `TextRegressor`, `PairClassifier`, `PairRegressor`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import NotFittedError

from wordfit.data import Dataset, Task
from wordfit.embedding import Tuning
from wordfit.errors import InputError
from wordfit.training.model import TrainedModel
from wordfit.training.runs import run
from wordfit.training.settings import Settings
from wordfit.vectors import WordVectors

Vectors = WordVectors | str | os.PathLike[str]


class _Estimator(BaseEstimator):
    """What the four share: parameters, rows from X and y, and a held-out part to choose the best epoch by."""

    pairs = False
    model_: TrainedModel

    def __init__(
        self,
        vectors: Vectors | Sequence[Vectors],
        *,
        encoder: str = "mean",
        encoder_options: dict[str, Any] | None = None,
        pairing: str = "siamese",
        head: str = "linear",
        hidden: int = 128,
        tuning: str | Tuning = "tuned",
        start: str = "normal",
        dropout: float = 0.0,
        balance: bool = False,
        optimizer: str = "adam",
        lr: float = 1e-3,
        schedule: str = "constant",
        batch_size: int = 32,
        epochs: int = 10,
        patience: int = 2,
        max_tokens: int = 512,
        validation: float = 0.1,
        seed: int = 0,
    ) -> None:
        self.vectors = vectors
        self.encoder = encoder
        self.encoder_options = encoder_options
        self.pairing = pairing
        self.head = head
        self.hidden = hidden
        self.tuning = tuning
        self.start = start
        self.dropout = dropout
        self.balance = balance
        self.optimizer = optimizer
        self.lr = lr
        self.schedule = schedule
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.max_tokens = max_tokens
        self.validation = validation
        self.seed = seed

    def _settings(self) -> Settings:
        own = self.get_params(deep=False)
        own = {name: own[name] for name in own if name not in ("vectors", "validation")}
        own["tuning"] = self.tuning if isinstance(self.tuning, Tuning) else Tuning.parse(self.tuning)
        own["encoder_options"] = dict(self.encoder_options or {})
        return Settings(**own)

    def _fit(self, texts: Any, task: Task, targets: list[Any]) -> None:
        """Train on rows; a share of them is held out where `validation` is above 0."""
        columns = self._columns(texts)
        count = len(columns[0])
        if count != len(targets):
            raise InputError(f"expected a target for each of {count} texts, found {len(targets)}")
        order = np.random.default_rng(self.seed).permutation(count)
        held = int(round(self.validation * count))
        train, dev = np.sort(order[held:]), np.sort(order[:held])

        def rows(name: str, chosen: np.ndarray) -> Dataset:
            texts = tuple([column[i] for i in chosen] for column in columns)
            return Dataset(name, texts, [targets[i] for i in chosen], [int(i) + 1 for i in chosen])

        sets = [loaded(one) for one in several(self.vectors)]
        held_out = rows("held-out rows", dev) if held else None
        self.model_ = run(task, rows("rows", train), held_out, sets, self._settings(), examine=False)

    def _columns(self, texts: Any) -> tuple[list[str], ...]:
        rows = list(texts)
        if not self.pairs:
            wrong = next((i for i, row in enumerate(rows) if not isinstance(row, str)), None)
            if wrong is not None:
                raise InputError(f"row {wrong}: expected a text, found {type(rows[wrong]).__name__}")
            return ([str(row) for row in rows],)
        wrong = next((i for i, row in enumerate(rows) if isinstance(row, str) or len(row) != 2), None)
        if wrong is not None:
            raise InputError(f"row {wrong}: expected a pair of texts, found {rows[wrong]!r}")
        return [str(a) for a, _ in rows], [str(b) for _, b in rows]

    def _scores(self, texts: Any) -> np.ndarray:
        if not hasattr(self, "model_"):
            raise NotFittedError(f"this {type(self).__name__} has not been fitted yet")
        return self.model_.scores(self._columns(texts))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


class _Classifier(ClassifierMixin, _Estimator):
    """Classes from texts."""

    classes_: np.ndarray

    def fit(self, texts: Any, y: Any) -> _Classifier:
        """Train on texts and their classes."""
        self.classes_, numbers = np.unique(np.asarray(y), return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError(f"expected at least two classes, found {len(self.classes_)}")
        names = tuple(str(name) for name in self.classes_)
        task = Task("classes", "text", "label", "pair" if self.pairs else None, names, "accuracy")
        self._fit(texts, task, [names[i] for i in numbers])
        return self

    def predict_proba(self, texts: Any) -> np.ndarray:
        """Probabilities (B, C), in the order of `classes_`."""
        return self._scores(texts)

    def predict(self, texts: Any) -> np.ndarray:
        """Classes (B,)."""
        scores = self.predict_proba(texts)
        return self.classes_[scores.argmax(axis=1)] if len(scores) else self.classes_[:0]


class _Regressor(RegressorMixin, _Estimator):
    """Scores from texts, inside the range of the training scores."""

    def fit(self, texts: Any, y: Any) -> _Regressor:
        """Train on texts and their scores."""
        targets = [float(value) for value in y]
        task = Task("score", "text", "score", "pair" if self.pairs else None, (), "pearson", min(targets), max(targets))
        self._fit(texts, task, targets)
        return self

    def predict(self, texts: Any) -> np.ndarray:
        """Scores (B,)."""
        return self._scores(texts)


class TextClassifier(_Classifier):
    """Classifies texts; X is a list of B texts, y (B,) classes. A scikit-learn estimator."""


class TextRegressor(_Regressor):
    """Scores texts; X is a list of B texts, y (B,) numbers. A scikit-learn estimator."""


class PairClassifier(_Classifier):
    """Classifies pairs; X is a list of B pairs of texts, y (B,) classes. A scikit-learn estimator."""

    pairs = True


class PairRegressor(_Regressor):
    """Scores pairs; X is a list of B pairs of texts, y (B,) numbers. A scikit-learn estimator."""

    pairs = True


def several(vectors: Any) -> list[Any]:
    """One set of vectors as a list of one, several as they are."""
    return list(vectors) if isinstance(vectors, (list, tuple)) else [vectors]


def loaded(vectors: Any) -> WordVectors:
    """Vectors as they are, or read from their file."""
    return vectors if isinstance(vectors, WordVectors) else WordVectors.load(vectors)
