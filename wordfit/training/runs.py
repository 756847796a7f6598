"""`run`: the one place where vectors, rows, settings and the loop meet; it ends in a `TrainedModel` and its record."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wordfit.data import Dataset, Task
from wordfit.embedding import WordEmbedding
from wordfit.models import build_network
from wordfit.models.networks import Network
from wordfit.models.pairings import ENCODED
from wordfit.training.bag import BagTrainer, refusal
from wordfit.training.drift import movement
from wordfit.training.evaluation import evaluation
from wordfit.training.model import TrainedModel
from wordfit.training.preparation import Prepared, prepare
from wordfit.training.settings import Settings
from wordfit.training.trainer import Observer, Trainer
from wordfit.vectors import WordVectors
from wordfit.vectors.evaluate import WordSet


def run(
    task: Task,
    train: Dataset,
    dev: Dataset | None,
    vectors: Sequence[WordVectors],
    settings: Settings | None = None,
    observers: Sequence[Observer] = (),
    checkpoint_file: Path | None = None,
    resume: bool = False,
    examine: bool = True,
    word_sets: Sequence[WordSet] = (),
) -> TrainedModel:
    """Train a model; with `examine`, the record also says how it decides and how the vectors moved."""
    settings = settings or Settings()
    prepared = prepare(task, train, dev, vectors, settings)
    return fit(prepared, settings, vectors, observers, checkpoint_file, resume, examine, word_sets)


def fit(
    prepared: Prepared,
    settings: Settings,
    vectors: Sequence[WordVectors] = (),
    observers: Sequence[Observer] = (),
    checkpoint_file: Path | None = None,
    resume: bool = False,
    examine: bool = True,
    word_sets: Sequence[WordSet] = (),
) -> TrainedModel:
    """Train on prepared rows, which several runs may share; `word_sets` are scored before and after."""
    started = datetime.now(timezone.utc)
    torch.manual_seed(settings.seed)
    config = network_config(prepared, settings)
    network = new_network(prepared, settings, config)
    loop = BagTrainer if refusal(network, settings) is None else Trainer
    trainer = loop(network, prepared, settings, observers, checkpoint_file)
    if resume:
        trainer.resume()
    trainer.fit()
    record = replace(prepared.record)  # runs that share prepared rows have a record each
    model = TrainedModel(prepared.task, settings, prepared.tokenizer, network, config, record)
    record.epochs = trainer.rows
    record.settings = settings.to_config() | {
        "task": prepared.task.to_config(),
        "vectors": [_described(one) for one in vectors],
        "parameters": sum(p.numel() for p in network.parameters() if p.requires_grad),
        "best_epoch": trainer.best,
    }
    if examine:
        record.evaluation = evaluation(model, prepared)
        record.embedding = movement(network.embedding, prepared, word_sets)
    record.program = program(started, settings.seed)
    if checkpoint_file is not None:
        checkpoint_file.unlink(missing_ok=True)
    return model


def new_network(prepared: Prepared, settings: Settings, config: dict[str, Any]) -> Network:
    """The untrained network of a run; its random numbers are torch's."""
    alignment = prepared.alignment
    embedding = WordEmbedding(alignment.matrix, settings.tuning, alignment.known)
    return build_network(config, embedding, torch.from_numpy(prepared.vocabulary.sif_weights()))


def network_config(prepared: Prepared, settings: Settings) -> dict[str, Any]:
    """The network as plain data, in the form of `models.build_network`."""
    task = prepared.task
    head: dict[str, Any] = {"name": settings.head, "dropout": settings.dropout}
    if settings.head == "mlp":
        head["hidden"] = settings.hidden
    if task.kind == "score":
        head |= {"kind": "score", "bounds": (task.low, task.high)} if task.low < task.high else {"kind": "score"}
    else:
        binary = task.kind == "classes" and len(task.labels) == 2 and settings.output == "binary"
        kind = "binary" if binary else task.kind
        outputs = 1 if binary else max(2 if kind == "classes" else 1, len(task.labels))
        head |= {"kind": kind, "outputs": outputs, "label_smoothing": settings.label_smoothing}
        if settings.balance:
            head["class_weights"] = _balance(prepared, kind, outputs)
    encoder = {"name": settings.encoder, **settings.encoder_options}
    if task.pair is None:
        return {"encoder": encoder, "head": head}
    pairing: dict[str, Any] = {"name": settings.pairing}
    if settings.pairing in ENCODED:
        pairing["encoder"] = encoder
    else:
        pairing |= settings.encoder_options
    return {"pairing": pairing, "head": head}


def _balance(prepared: Prepared, kind: str, outputs: int) -> list[float]:
    """Inverse class frequency, as scikit-learn's `balanced`; for labels, rows without by rows with each."""
    target = prepared.train.target
    if kind == "classes":
        counts = np.bincount(target, minlength=outputs)
        return [float(len(target) / (outputs * max(1, n))) for n in counts]
    positive = np.atleast_1d(target.sum(axis=0))
    return [float((len(target) - n) / max(1, n)) for n in positive]


def program(started: datetime, seed: int) -> dict[str, Any]:
    """The record's section on the run itself, at its end."""
    return {
        "name": "wordfit train",
        "started": started.isoformat(timespec="seconds"),
        "seconds": (datetime.now(timezone.utc) - started).total_seconds(),
        "seed": seed,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """What is needed to repeat a run."""
    names = ["wordfit", "torch", "numpy", "tokenizers", "scikit-learn", "numba"]
    return {"python": platform.python_version(), "platform": sys.platform} | {name: version(name) for name in names}


def _described(vectors: WordVectors) -> dict[str, Any]:
    notes = vectors.notes
    return {"file": str(getattr(notes, "file", "")), "words": len(vectors), "width": vectors.vector_size}
