"""The fast way to train a mean of words with a linear head: compiled, a step after every row, as fastText does.

`BagFit` steps the arrays it is given in place, so a network that shares them is trained; `BagTrainer` is the fit loop
over it. What it cannot do, it names (`refusal`): the fit loop then trains in torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch

from wordfit.embedding.tuning import Tuning
from wordfit.models.networks import Network, TextNetwork
from wordfit.training import bag_kernels
from wordfit.training.settings import Settings
from wordfit.training.trainer import Trainer

RULES = ("sgd", "adagrad")
_NONE = np.empty(0, np.float32)
_NO_ROWS = np.empty((0, 0), np.float32)


def refusal(network: Network, settings: Settings) -> str | None:
    """Why this network cannot be trained here; None where it can."""
    tuning = settings.tuning
    reasons = {
        f"a step takes {settings.batch_size} rows": settings.batch_size != 1,
        f"the optimizer is {settings.optimizer}": settings.optimizer not in RULES,
        "there are two texts": not isinstance(network, TextNetwork),
        f"the encoder is {settings.encoder}": settings.encoder not in ("mean", "sif"),
        "the head has a hidden layer": network.head.hidden is not None,
        "values are dropped": bool(settings.dropout or tuning.dropout),
        "there are two channels": tuning.channels == 2,
        "the head's weights decay": settings.weight_decay > 0,
        "the schedule is a cosine": settings.schedule == "cosine",
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


class BagFit:
    """Trains the table (V, D), the head's `weight` (C, D) and `bias` (C,) in place, a step after every row.

    `kind` is the head's: classes, binary, labels or score; a score is `low + span * logit`, or its sigmoid where it is
    `bounded`. `rule` is plain SGD or Adagrad. With more than one thread the rows are shared out and steps may overwrite
    each other (Hogwild, Recht et al. 2011): faster, and no two runs are the same.
    """

    def __init__(
        self,
        table: np.ndarray,
        weight: np.ndarray,
        bias: np.ndarray,
        kind: str,
        tuning: Tuning | None = None,
        rule: str = "sgd",
        start: np.ndarray | None = None,
        known: np.ndarray | None = None,
        word_weights: np.ndarray | None = None,
        class_weights: np.ndarray | None = None,
        label_smoothing: float = 0.0,
        low: float = 0.0,
        span: float = 1.0,
        bounded: bool = False,
        clip: float = 0.0,
        max_tokens: int = 512,
        threads: int = 1,
    ) -> None:
        self.table, self.weight, self.bias, self.kind = table, weight, bias, kind
        self.tuning = tuning or Tuning()
        self.low, self.span, self.bounded = low, span, bounded
        self.label_smoothing, self.clip = label_smoothing, clip
        self.max_tokens, self.threads = max_tokens, threads
        self.start = _NO_ROWS if not self.tuning.anchor else table.copy() if start is None else start
        self.still = np.zeros(len(table), bool)
        if not self.tuning.known_words and known is not None:
            self.still[:] = known
        self.still[0] = True
        self.word_weights = _NONE if word_weights is None else np.asarray(word_weights, np.float32)
        self.class_weights = np.ones(len(bias), np.float32) if class_weights is None else class_weights
        self.squares: dict[str, np.ndarray] = {"table": _NO_ROWS, "weight": _NO_ROWS, "bias": _NONE}
        if rule == "adagrad":
            parts = {"table": _NO_ROWS if self.tuning.frozen else table, "weight": weight, "bias": bias}
            self.squares = {name: np.zeros_like(part) for name, part in parts.items()}

    @classmethod
    def of(cls, network: Network, settings: Settings, threads: int = 1) -> BagFit:
        """Train a network's own arrays."""
        embedding, head = network.embedding, network.head
        arrays: list[Any] = [part.detach().numpy() for part in (embedding.weight, head.output.weight, head.output.bias)]
        optional = {"start": embedding.start, "known": embedding.known, "word_weights": network.word_weights}
        optional["class_weights"] = head.class_weights
        options: dict[str, Any] = {name: None if part is None else part.numpy() for name, part in optional.items()}
        options |= {name: getattr(head, name) for name in ("label_smoothing", "low", "span", "bounded")}
        options |= {"clip": settings.clip, "max_tokens": settings.max_tokens, "threads": threads}
        return cls(arrays[0], arrays[1], arrays[2], head.kind, settings.tuning, settings.optimizer, **options)

    def fit_epoch(
        self,
        ids: np.ndarray,
        offsets: np.ndarray,
        target: np.ndarray,
        rates: tuple[float, float],
        seed: int,
        frozen: bool = False,
    ) -> float:
        """Go once over all rows in the order that `seed` gives, the rate falling from first to last; the mean loss.

        Row i has the words `ids[offsets[i]:offsets[i + 1]]`. `frozen` keeps the table as it is (warm-up).
        """
        rows = np.random.default_rng(seed).permutation(len(target))
        wanted = self._wanted(target)
        weights = self._class_weights(target)
        multiplier = 0.0 if frozen else self.tuning.lr_multiplier
        limit = min(self.max_tokens, int(np.diff(offsets).max(initial=1)))
        pulls = (self.tuning.anchor, self.tuning.decay, self.tuning.word_dropout)
        numbers = [float(n) for n in (self.label_smoothing, *rates, self.clip, multiplier, *pulls)]

        def fit(number: int, part: np.ndarray) -> float:
            total: float = bag_kernels.fit_rows(  # type: ignore[call-arg]
                part, ids, offsets, wanted, limit, self.table, self.start, self.squares["table"], self.still,
                self.word_weights, self.weight, self.squares["weight"], self.bias, self.squares["bias"],
                self._kind(), weights, *numbers, seed * 64 + number,
            )  # fmt: skip
            return total

        parts: Sequence[np.ndarray] = np.array_split(rows, self.threads)
        if self.threads == 1:
            return fit(0, parts[0]) / len(rows)
        with ThreadPoolExecutor(self.threads) as pool:
            return sum(pool.map(fit, range(self.threads), parts)) / len(rows)

    def _kind(self) -> int:
        if self.kind == "score":
            return bag_kernels.BOUNDED if self.bounded else bag_kernels.SCORE
        return bag_kernels.CLASSES if self.kind == "classes" else bag_kernels.MARKS

    def _wanted(self, target: np.ndarray) -> np.ndarray:
        """Targets (N, 1) or (N, L) float32; scores between 0 and 1, as the head's loss has them."""
        wanted = target.astype(np.float32).reshape(len(target), -1)
        return (wanted - self.low) / np.float32(self.span) if self.kind == "score" else wanted

    def _class_weights(self, target: np.ndarray) -> np.ndarray:
        """Weights (C,) of the classes, one on average over the rows; of positive answers as they are."""
        weights = self.class_weights
        return weights / weights[target].mean() if self.kind == "classes" else weights


class BagTrainer(Trainer):
    """The fit loop, an epoch in one compiled pass; checkpoints fall between epochs."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.bag = BagFit.of(self.network, self.settings)

    def _train_epoch(self) -> None:
        train, settings = self.prepared.train, self.settings
        self._share_squares()
        ends = []
        for part in (1, 0):  # what the rate falls to, then what it is now
            self._set_rates((self.epoch + part) / settings.epochs)
            ends.append(self.optimizers[0].param_groups[0]["lr"])
        text, seed = train.texts[0], settings.seed * 100_003 + self.epoch
        frozen = not self.network.embedding.weight.requires_grad
        loss = self.bag.fit_epoch(text.ids, text.offsets, train.target, (ends[1], ends[0]), seed, frozen)
        self.step, self.total_loss = len(train.rows), loss * len(train.rows)
        for observer in self.observers:
            observer.on_step(self.epoch, self.step, self.step, loss)

    def _share_squares(self) -> None:
        """Keep Adagrad's sums of squares where checkpoints find them: in the state of torch's own optimisers."""
        if self.settings.optimizer != "adagrad":
            return
        head, embedding = self.network.head.output, self.network.embedding.weight
        own = self.optimizers[0].state
        sums = {"weight": own[head.weight]["sum"], "bias": own[head.bias]["sum"]}
        if not self.settings.tuning.frozen:
            sums["table"] = self.optimizers[1].state[embedding].setdefault("bag_sum", torch.zeros_like(embedding))
        for name, value in sums.items():
            self.bag.squares[name] = value.detach().numpy()
