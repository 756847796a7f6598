"""`Seq2Seq`: texts from texts, with scikit-learn's `fit`, `predict` and `score`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from wordfit.data.parallel import Parallel
from wordfit.embedding import Tuning
from wordfit.errors import InputError
from wordfit.models.decoding import Beam
from wordfit.training.estimators import Vectors, loaded, several
from wordfit.training.seq2seq import Seq2SeqSettings, prepare_parallel
from wordfit.training.seq2seq_model import TrainedSeq2Seq, run_seq2seq, written


class Seq2Seq(BaseEstimator):
    """Writes a text for each text; X and y are lists of B texts. Its score is BLEU.

    A share of the rows, `validation`, is held out to choose the best epoch by. The other parameters are those of
    `Seq2SeqSettings`, and `beam` the hypotheses side by side when predicting.
    """

    model_: TrainedSeq2Seq

    def __init__(
        self,
        source_vectors: Vectors | Sequence[Vectors] = (),
        target_vectors: Vectors | Sequence[Vectors] = (),
        *,
        model: str = "bilstm",
        model_options: dict[str, Any] | None = None,
        source_tuning: str | Tuning = "tuned",
        target_tuning: str | Tuning = "tuned",
        tied: bool = False,
        source_width: int = 256,
        target_width: int = 256,
        min_count: int = 2,
        label_smoothing: float = 0.0,
        metric: str = "token_accuracy",
        lr: float = 1e-3,
        schedule: str = "constant",
        batch_size: int = 64,
        epochs: int = 10,
        patience: int = 3,
        validation: float = 0.1,
        beam: int = 1,
        seed: int = 0,
    ) -> None:
        self.source_vectors = source_vectors
        self.target_vectors = target_vectors
        self.model = model
        self.model_options = model_options
        self.source_tuning = source_tuning
        self.target_tuning = target_tuning
        self.tied = tied
        self.source_width = source_width
        self.target_width = target_width
        self.min_count = min_count
        self.label_smoothing = label_smoothing
        self.metric = metric
        self.lr = lr
        self.schedule = schedule
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.validation = validation
        self.beam = beam
        self.seed = seed

    def fit(self, texts: Any, targets: Any) -> Seq2Seq:
        """Train on texts and what is to be written for them."""
        rows = Parallel("rows", [str(text) for text in texts], [str(text) for text in targets])
        if len(rows.source) != len(rows.target):
            raise InputError(f"expected a target for each of {len(rows.source)} texts, found {len(rows.target)}")
        order = np.random.default_rng(self.seed).permutation(len(rows))
        held = round(self.validation * len(rows))
        dev = _chosen(rows, "held-out rows", order[:held]) if held else None
        sets = [[loaded(one) for one in several(side)] for side in (self.source_vectors, self.target_vectors)]
        settings = self._settings()
        prepared = prepare_parallel(_chosen(rows, "rows", order[held:]), dev, sets[0], sets[1], settings)
        self.model_ = run_seq2seq(prepared, settings)
        return self

    def _settings(self) -> Seq2SeqSettings:
        left_out = ("source_vectors", "target_vectors", "validation", "beam")
        own = {name: value for name, value in self.get_params(deep=False).items() if name not in left_out}
        for side in ("source_tuning", "target_tuning"):
            own[side] = own[side] if isinstance(own[side], Tuning) else Tuning.parse(own[side])
        return Seq2SeqSettings(**(own | {"model_options": dict(self.model_options or {})}))

    def predict(self, texts: Any) -> list[str]:
        """The best answer to each text."""
        if not hasattr(self, "model_"):
            raise NotFittedError("this Seq2Seq has not been fitted yet")
        return [answers[0].text for answers in self.model_.translate([str(t) for t in texts], Beam(self.beam))]

    def score(self, texts: Any, targets: Any) -> float:
        """BLEU of the answers (sacrebleu, 0 to 100)."""
        said = self.predict(texts)
        return written(said, [str(t) for t in targets], self.model_.target_tokenizer, ["bleu"])["bleu"]


def _chosen(rows: Parallel, name: str, order: np.ndarray) -> Parallel:
    return Parallel(name, [rows.source[i] for i in order], [rows.target[i] for i in order])
