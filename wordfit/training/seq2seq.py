"""Train a seq2seq network on parallel rows: its settings, what it starts from, and the loop's own parts.

The loop itself is `Trainer`'s. What comes out of it, and goes to disk, is in `seq2seq_model`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import nn

from wordfit.data import Batch, Rules, Tokenizer, Vocabulary
from wordfit.data.parallel import (
    Parallel,
    ParallelSplit,
    encode_parallel,
    parallel_batches,
    target_vocabulary,
)
from wordfit.embedding import TUNINGS, Alignment, TouchedRows, Tuning, WordEmbedding, align, coverage
from wordfit.errors import InputError
from wordfit.models.seq2seq import Seq2SeqNetwork, build_seq2seq
from wordfit.record import Record
from wordfit.training.settings import LoopSettings
from wordfit.training.trainer import OPTIMIZERS, Observer, Trainer
from wordfit.vectors import WordVectors


@dataclass(frozen=True, kw_only=True)
class Seq2SeqSettings(LoopSettings):
    """Everything that decides a seq2seq run beside the data and the vectors."""

    model: str = "bilstm"
    """The encoder-decoder: a name of `models.seq2seq.SEQ2SEQ`."""
    model_options: dict[str, Any] = field(default_factory=dict)
    """Its options, as `{"hidden": 256, "attention": "bahdanau"}`."""
    source_tuning: Tuning = TUNINGS["tuned"]
    """How far training may move the source side's vectors."""
    target_tuning: Tuning = TUNINGS["tuned"]
    """How far training may move the target side's vectors."""
    tied: bool = False
    """Whether the output layer is the target side's table of vectors."""
    source_width: int = 256
    """Width of the source side's vectors where none are given."""
    target_width: int = 256
    """Width of the target side's vectors where none are given."""
    lowercase: bool = True
    """Whether a side without vectors is lower-cased; with vectors it is as they are."""
    min_count: int = 2
    """Words that train has less often are the unknown word (on the source side, unless they have a vector)."""
    max_tokens: int = 60
    """Training rows with more words on a side are left out."""
    sampling: float = 0.0
    """Share of the decoder's inputs that are its own answers (scheduled sampling), reached in a line over training."""
    metric: str = "token_accuracy"
    """What the best epoch is chosen by."""
    batch_size: int = 64
    patience: int = 3

    POSITIVE = (*LoopSettings.POSITIVE, "max_tokens", "source_width", "target_width")
    SHARES = (*LoopSettings.SHARES, "sampling")


@dataclass(frozen=True)
class Side:
    """One side of the rows: its words and where their vectors start; `alignment` is None without vectors."""

    tokenizer: Tokenizer
    matrix: np.ndarray
    alignment: Alignment | None

    @property
    def known(self) -> np.ndarray:
        """Which rows hold a pre-trained vector (V,)."""
        return np.zeros(len(self.matrix), bool) if self.alignment is None else self.alignment.known


@dataclass(frozen=True)
class PreparedParallel:
    """All that seq2seq training starts from."""

    source: Side
    target: Side
    train: ParallelSplit
    dev: ParallelSplit | None
    record: Record


def prepare_parallel(
    train: Parallel,
    dev: Parallel | None,
    source_vectors: Sequence[WordVectors],
    target_vectors: Sequence[WordVectors],
    settings: Seq2SeqSettings,
) -> PreparedParallel:
    """Vocabularies of both sides, their vectors, encoded rows, and what is to be said of them."""
    source = _source_side(train.source, dev.source if dev else [], source_vectors, settings)
    target = _target_side(train.target, target_vectors, settings)
    encoded = encode_parallel(train, source.tokenizer, target.tokenizer, settings.max_tokens)
    if not len(encoded.kept):
        raise InputError(f"{train.file}: no row has 1 to {settings.max_tokens} words on both sides")
    splits = {"train": encoded}
    if dev is not None:
        splits["dev"] = encode_parallel(dev, source.tokenizer, target.tokenizer)
    record = Record()
    record.data = {"splits": {name: _summary(split) for name, split in splits.items()}, "warnings": []}
    left_out = len(train) - len(encoded.kept)
    if left_out:
        said = f"{train.file}: {left_out:,} of {len(train):,} rows left out, empty or over {settings.max_tokens} words"
        record.data["warnings"].append(said)
    for name, split in splits.items():
        for side, texts, rows in (("source", split.source, source), ("target", split.target, target)):
            if rows.alignment is not None:
                record.coverage[f"{name} {side}"] = coverage(
                    rows.alignment, rows.tokenizer.words, texts.ids, texts.offsets
                )
    return PreparedParallel(source, target, encoded, splits.get("dev"), record)


def _source_side(
    train: Sequence[str], dev: Sequence[str], vectors: Sequence[WordVectors], settings: Seq2SeqSettings
) -> Side:
    rules = Rules.matched_to(vectors[0]) if vectors else Rules(lowercase=settings.lowercase)
    vocabulary = Vocabulary.build(Tokenizer(rules), train, dev)
    enough = vocabulary.counts >= settings.min_count
    enough[:2] = True
    if vectors:
        enough |= align(vectors, vocabulary.words, "zero").known
    words = [word for word, keep in zip(vocabulary.words, enough) if keep]
    return _side(rules, words, vectors, settings.source_width, [settings.seed, 0])


def _target_side(train: Sequence[str], vectors: Sequence[WordVectors], settings: Seq2SeqSettings) -> Side:
    rules = Rules.matched_to(vectors[0]) if vectors else Rules(lowercase=settings.lowercase)
    words = target_vocabulary(rules, train, settings.min_count)
    return _side(rules, words, vectors, settings.target_width, [settings.seed, 1])


def _side(rules: Rules, words: list[str], vectors: Sequence[WordVectors], width: int, seed: list[int]) -> Side:
    tokenizer = Tokenizer(rules, words)
    if vectors:
        alignment = align(vectors, words, "normal")
        return Side(tokenizer, alignment.matrix, alignment)
    matrix = np.random.default_rng(seed).normal(0.0, 1.0 / math.sqrt(width), (len(words), width))
    return Side(tokenizer, matrix.astype(np.float32), None)


def _summary(split: ParallelSplit) -> dict[str, Any]:
    kept = split.kept
    found: dict[str, Any] = {"file": split.rows.file, "rows": len(kept), "labels": {}}
    for name, texts in (("source", split.source), ("target", split.target)):
        lengths = texts.lengths[kept] - (1 if name == "target" else 0)
        unknown = float((texts.ids == 1).mean()) if len(texts.ids) else 0.0
        found[name] = {"tokens": int(lengths.sum()), "mean": float(lengths.mean()), "unknown": unknown}
    found["tokens"] = found["source"]["tokens"] + found["target"]["tokens"]
    whole = split.source.lengths[kept]
    found["length"] = {"mean": float(whole.mean()), "p50": float(np.median(whole)), "max": int(whole.max(initial=0))}
    found["length"]["p90"] = float(np.quantile(whole, 0.9)) if len(whole) else 0.0
    return found


def new_seq2seq(prepared: PreparedParallel, settings: Seq2SeqSettings) -> tuple[Seq2SeqNetwork, dict[str, Any]]:
    """The untrained network and its configuration; its random numbers are torch's."""
    config = {"name": settings.model, **settings.model_options}
    config |= {"tied": settings.tied, "label_smoothing": settings.label_smoothing}
    source, target = prepared.source, prepared.target
    tables = (
        WordEmbedding(source.matrix, settings.source_tuning, source.known),
        WordEmbedding(target.matrix, settings.target_tuning, target.known, sparse=not settings.tied),
    )
    return build_seq2seq(config, *tables), config


class Seq2SeqTrainer(Trainer):
    """Fits a seq2seq network; steps both tables by their own tuning, evaluates by the words' metrics."""

    network: Seq2SeqNetwork  # type: ignore[assignment]
    settings: Seq2SeqSettings  # type: ignore[assignment]

    def __init__(
        self,
        network: Seq2SeqNetwork,
        prepared: PreparedParallel,
        settings: Seq2SeqSettings,
        evaluate: Any,
        observers: Sequence[Observer] = (),
        checkpoint_file: Path | None = None,
    ) -> None:
        self.network, self.settings = network, settings
        self.parallel = prepared
        rows = SimpleNamespace(rows=prepared.train.kept)
        self.prepared = SimpleNamespace(  # type: ignore[assignment]
            train=rows, dev=prepared.dev, task=SimpleNamespace(metric=settings.metric)
        )
        self.evaluate = evaluate  # type: ignore[method-assign]
        self.observers, self.checkpoint_file = observers, checkpoint_file
        tables = {id(embedding.weight) for embedding in network.embeddings}
        self.own = [p for p in network.parameters() if id(p) not in tables]
        make = OPTIMIZERS[settings.optimizer]
        self.optimizers = [make(self.own, lr=settings.lr, weight_decay=settings.weight_decay)]
        if any(not embedding.tuning.frozen for embedding in network.embeddings):
            self.optimizers.append(TouchedRows(network.embeddings, make, lr=settings.lr))
        self.rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in self.optimizers]
        self.start = [embedding.weight.detach().clone() for embedding in network.embeddings]
        self.rows: list[dict[str, Any]] = []
        self.best, self.best_state = -1, {}
        self.epoch, self.step, self.total_loss = 0, 0, 0.0

    def _begin_epoch(self) -> None:
        self.network.begin_epoch(self.epoch)

    def _batches(self) -> Iterator[Batch]:
        return parallel_batches(
            self.parallel.train, self.settings.batch_size, self.settings.seed * 100_003 + self.epoch
        )

    def train_step(self, batch: Batch) -> float:
        """Forward under the right answers, backward, step; the batch's mean loss a word."""
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        source, source_mask, target, mask = (torch.from_numpy(part) for text in batch.texts for part in text)
        sampling = self.settings.sampling * self.epoch / max(1, self.settings.epochs - 1)
        loss = self.network.loss(source, source_mask, target, mask, sampling)
        loss.backward()
        if self.settings.clip:
            nn.utils.clip_grad_norm_(self.own, self.settings.clip)
        for optimizer in self.optimizers:
            optimizer.step()
        return loss.item()

    def drift(self) -> float:
        """How far the words have moved, as a mean share of their start's length, over both sides."""
        moved = [
            (embedding.weight.detach() - start)[2:].norm(dim=1) / start[2:].norm(dim=1).clamp(min=1e-6)
            for embedding, start in zip(self.network.embeddings, self.start)
        ]
        return float(torch.cat(moved).mean())

    def _value(self, row: dict[str, Any]) -> float:
        value = super()._value(row)
        return -value if self.settings.metric == "perplexity" and "metrics" in row else value


@torch.no_grad()
def forced(network: Seq2SeqNetwork, split: ParallelSplit, size: int = 128) -> dict[str, float]:
    """Loss and accuracy a word under the right answers so far, END counted; and the perplexity."""
    network.eval()
    cost, right, count = 0.0, 0, 0
    for batch in parallel_batches(split, size):
        source, source_mask, target, mask = (torch.from_numpy(part) for text in batch.texts for part in text)
        logits, _ = network(source, source_mask, target)
        logits, words = logits[mask], target[mask]  # (N, V), (N,)
        cost += nn.functional.cross_entropy(logits, words, reduction="sum").item()
        right += int((logits.argmax(dim=1) == words).sum())
        count += len(words)
    loss = cost / max(1, count)
    return {"loss": loss, "token_accuracy": right / max(1, count), "perplexity": math.exp(min(loss, 100.0))}
