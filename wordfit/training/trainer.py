"""`Trainer`: the fit loop, with early stopping on the task's own metric; `Observer`, who listens.

A checkpoint holds everything that decides what comes next, so that a run killed at any moment goes on to the same
result. What a run leaves on disk stands in `run_folder`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from wordfit.data import Batch, batches
from wordfit.embedding import TouchedRows
from wordfit.models.networks import Network
from wordfit.training import checkpoint
from wordfit.training.metrics import check_metric, score
from wordfit.training.preparation import Prepared, Split
from wordfit.training.settings import Settings

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "adagrad": torch.optim.Adagrad,
    "sgd": torch.optim.SGD,
}


class Observer:
    """Hears what a trainer does; override what you want to know."""

    def on_step(self, epoch: int, rows: int, of: int, loss: float) -> None:
        """So many rows of an epoch are done; `loss` is that of the last batch."""

    def on_epoch(self, row: dict[str, Any]) -> None:
        """An epoch is over; `row` is its line in the record."""


class Trainer:
    """Fits a network to prepared rows; `rows` holds a line for every epoch, `best` the epoch whose state was kept."""

    def __init__(
        self,
        network: Network,
        prepared: Prepared,
        settings: Settings,
        observers: Sequence[Observer] = (),
        checkpoint_file: Path | None = None,
    ) -> None:
        check_metric(prepared.task.kind, prepared.task.metric)
        self.network, self.prepared, self.settings = network, prepared, settings
        self.observers = observers
        self.checkpoint_file = checkpoint_file
        own = [p for name, p in network.named_parameters() if name != "embedding.weight"]
        make = OPTIMIZERS[settings.optimizer]
        self.optimizers = [make(own, lr=settings.lr, weight_decay=settings.weight_decay)]
        if not settings.tuning.frozen:
            self.optimizers.append(TouchedRows([network.embedding], make, lr=settings.lr))
        self.rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in self.optimizers]
        self.rows: list[dict[str, Any]] = []
        self.best: int = -1
        self.best_state: dict[str, Tensor] = {}
        self.epoch, self.step, self.total_loss = 0, 0, 0.0

    def fit(self) -> None:
        """Train until the epochs are done or the metric has stopped to rise; end with the best state."""
        while self.epoch < self.settings.epochs and not self._stalled():
            began = time.perf_counter()
            self._begin_epoch()
            self._train_epoch()
            row = {"epoch": self.epoch, "train_loss": self.total_loss / len(self.prepared.train.rows)}
            row |= {"lr": self.optimizers[0].param_groups[0]["lr"], "drift": self.drift()}
            row["seconds"] = time.perf_counter() - began
            row["rows_per_second"] = len(self.prepared.train.rows) / row["seconds"]
            if self.prepared.dev is not None:
                row |= self.evaluate(self.prepared.dev)
            self.rows.append(row)
            if self.best < 0 or self._value(row) > self._value(self.rows[self.best]):
                self.best = self.epoch
                self.best_state = {name: value.clone() for name, value in self.network.state_dict().items()}
            self.epoch, self.step, self.total_loss = self.epoch + 1, 0, 0.0
            self.save_checkpoint()
            for observer in self.observers:
                observer.on_epoch(row)
        self.network.load_state_dict(self.best_state)

    def _begin_epoch(self) -> None:
        self.network.embedding.begin_epoch(self.epoch)

    def _train_epoch(self) -> None:
        train, size = self.prepared.train, self.settings.batch_size
        steps = -(-len(train.rows) // size)
        saved = time.monotonic()
        self.network.train()
        for number, batch in enumerate(self._batches()):
            if number < self.step:  # done before the run was interrupted
                continue
            self._set_rates((self.epoch + number / steps) / self.settings.epochs)
            loss = self.train_step(batch)
            self.step = number + 1
            self.total_loss += loss * len(batch.rows)
            for observer in self.observers:
                observer.on_step(self.epoch, min(self.step * size, len(train.rows)), len(train.rows), loss)
            if time.monotonic() - saved > checkpoint.EVERY:
                self.save_checkpoint()
                saved = time.monotonic()

    def train_step(self, batch: Batch) -> float:
        """Forward, backward, step; the batch's mean loss."""
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss = self.network.head.loss(self._logits(batch), torch.from_numpy(batch.target))
        loss.backward()
        if self.settings.clip:
            nn.utils.clip_grad_norm_(self.optimizers[0].param_groups[0]["params"], self.settings.clip)
        for optimizer in self.optimizers:
            optimizer.step()
        return loss.item()

    def _batches(self) -> Iterator[Batch]:
        train, settings = self.prepared.train, self.settings
        seed = settings.seed * 100_003 + self.epoch
        return batches(train.texts, train.target, settings.batch_size, seed, settings.max_tokens)

    def _logits(self, batch: Batch) -> Tensor:
        return self.network(*(torch.from_numpy(part) for text in batch.texts for part in text))  # type: ignore[no-any-return]

    @torch.no_grad()
    def logits(self, split: Split, size: int = 256) -> Tensor:
        """Logits of all rows of a split, in its order: (B,) or (B, C)."""
        self.network.eval()
        parts, places = [], []
        for batch in batches(split.texts, split.target, size, None, self.settings.max_tokens):
            parts.append(self._logits(batch))
            places.append(batch.rows)
        logits = torch.cat(parts)
        return torch.empty_like(logits).index_copy_(0, torch.from_numpy(np.concatenate(places)), logits)

    def evaluate(self, split: Split) -> dict[str, Any]:
        """Loss and metrics of a split under the present state."""
        logits = self.logits(split)
        known = split.target >= 0 if self.prepared.task.kind == "classes" else np.ones(len(split.target), bool)
        loss = self.network.head.loss(logits[known], torch.from_numpy(split.target[known])) if known.any() else None
        metrics = score(self.prepared.task.kind, split.target, self.network.head.predict(logits).numpy())
        return {"dev_loss": None if loss is None else loss.item(), "metrics": metrics}

    def drift(self) -> float:
        """How far the words of train have moved, as a mean share of their start's length."""
        if self.settings.tuning.frozen:
            return 0.0
        start = torch.from_numpy(self.prepared.alignment.matrix)
        seen = torch.from_numpy(self.prepared.vocabulary.counts > 0)
        seen[:2] = False
        moved = (self.network.embedding.weight.detach() - start)[seen].norm(dim=1)
        return float((moved / start[seen].norm(dim=1).clamp(min=1e-6)).mean()) if seen.any() else 0.0

    def _value(self, row: dict[str, Any]) -> float:
        if "metrics" in row:
            return float(row["metrics"][self.prepared.task.metric])
        return -float(row["train_loss"])

    def _stalled(self) -> bool:
        return self.best >= 0 and self.epoch - 1 - self.best >= self.settings.patience

    def _set_rates(self, done: float) -> None:
        factors = {"constant": 1.0, "linear": 1.0 - done, "cosine": 0.5 * (1 + np.cos(np.pi * done))}
        for optimizer, rates in zip(self.optimizers, self.rates):
            for group, rate in zip(optimizer.param_groups, rates):
                group["lr"] = rate * float(factors[self.settings.schedule])

    def save_checkpoint(self) -> None:
        """Write everything that decides what comes next, whole or not at all."""
        if self.checkpoint_file is not None:
            checkpoint.save(self.checkpoint_file, self)

    def resume(self) -> bool:
        """Go on from the checkpoint, where there is one."""
        return self.checkpoint_file is not None and checkpoint.load(self.checkpoint_file, self)
