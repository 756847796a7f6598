"""`TrainedSeq2Seq`: source texts in, target texts out; how it is trained, scored, saved and loaded.

A run folder holds safetensors and JSON only and appears whole or not at all, as every run's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes
from torch import Tensor

from wordfit import __version__
from wordfit.data import Encoded, Tokenizer
from wordfit.data.batches import order_batches
from wordfit.data.parallel import Parallel, ParallelSplit, encode_parallel, joined
from wordfit.embedding import WordEmbedding
from wordfit.errors import InputError, need
from wordfit.files import write_folder_whole
from wordfit.models.decoding import Beam, decode
from wordfit.models.seq2seq import Seq2SeqNetwork, build_seq2seq
from wordfit.record import Record, plain
from wordfit.training.runs import program
from wordfit.training.seq2seq import PreparedParallel, Seq2SeqSettings, Seq2SeqTrainer, forced, new_seq2seq
from wordfit.training.trainer import Observer
from wordfit.vectors import WordVectors

FORMAT = "wordfit-seq2seq-1"
WRITTEN = ("bleu", "chrf", "exact_match")
"""Metrics of written answers; token accuracy and perplexity are those of forced ones."""


@dataclass(frozen=True)
class Translation:
    """One answer: its text, its words, its score, and where each word looked in the source (T, S)."""

    text: str
    words: list[str]
    score: float
    source_words: list[str]
    attention: Tensor


@dataclass(frozen=True)
class TrainedSeq2Seq:
    """What a seq2seq run leaves."""

    settings: Seq2SeqSettings
    source_tokenizer: Tokenizer
    target_tokenizer: Tokenizer
    network: Seq2SeqNetwork
    config: dict[str, Any]
    """The network as plain data, in the form of `models.seq2seq.build_seq2seq`."""
    record: Record

    def translate(
        self, texts: Sequence[str], beam: Beam | None = None, copy_unknown: bool = False, size: int = 100
    ) -> list[list[Translation]]:
        """The answers to each text, the best first; `copy_unknown` puts the word most looked at for an unknown one."""
        encoded = Encoded.of(list(texts), self.source_tokenizer)
        found: list[list[Translation]] = [[] for _ in texts]
        for rows in order_batches(encoded.lengths, size, None):
            ids, mask = (torch.from_numpy(part) for part in encoded.padded(rows))
            for row, answers in zip(rows, decode(self.network, ids, mask, beam)):
                words = self.source_tokenizer.tokenize(texts[row])
                found[row] = [self._said(a.words, a.score, a.attention, words, copy_unknown) for a in answers]
        return found

    def _said(
        self, ids: list[int], score: float, attention: Tensor, source: list[str], copy_unknown: bool
    ) -> Translation:
        words = [self.target_tokenizer.words[i] for i in ids]
        attention = attention[:, : len(source)]
        if copy_unknown and source:
            words = [source[int(attention[t].argmax())] if i == 1 else words[t] for t, i in enumerate(ids)]
        return Translation(joined(words), words, score, source, attention)

    def evaluate(self, rows: Parallel, beam: Beam | None = None, copy_unknown: bool = False) -> dict[str, float]:
        """Every metric on parallel rows."""
        split = encode_parallel(rows, self.source_tokenizer, self.target_tokenizer)
        said = [answers[0].text for answers in self.translate(rows.source, beam, copy_unknown)]
        return forced(self.network, split) | written(said, rows.target, self.target_tokenizer)


def written(
    said: Sequence[str], references: Sequence[str], tokenizer: Tokenizer, names: Sequence[str] = WRITTEN
) -> dict[str, float]:
    """Metrics of written texts: BLEU and chrF by sacrebleu's defaults (tokenised as 13a), lower-cased where the
    model is, and the share that agrees with its reference word for word."""
    lowercase = tokenizer.rules.lowercase
    found: dict[str, float] = {}
    if {"bleu", "chrf"} & set(names):
        metrics = need("sacrebleu.metrics", "seq2seq")
        makers = {"bleu": metrics.BLEU, "chrf": metrics.CHRF}
        for name in ("bleu", "chrf"):
            if name in names:
                scorer = makers[name](lowercase=lowercase)
                found[name] = float(scorer.corpus_score(list(said), [list(references)]).score)
    if "exact_match" in names:
        pairs = zip(tokenizer.tokenize_batch(list(said)), tokenizer.tokenize_batch(list(references)))
        found["exact_match"] = float(np.mean([one == other for one, other in pairs]))
    return found


def run_seq2seq(
    prepared: PreparedParallel,
    settings: Seq2SeqSettings,
    vectors: Mapping[str, Sequence[WordVectors]] | None = None,
    observers: Sequence[Observer] = (),
    checkpoint_file: Path | None = None,
    resume: bool = False,
) -> TrainedSeq2Seq:
    """Train on prepared rows; the record ends with the dev set's scores, samples and attention."""
    started = datetime.now(timezone.utc)
    torch.manual_seed(settings.seed)
    network, config = new_seq2seq(prepared, settings)
    sides = prepared.source.tokenizer, prepared.target.tokenizer
    model = TrainedSeq2Seq(settings, *sides, network, config, prepared.record)
    trainer = Seq2SeqTrainer(network, prepared, settings, _evaluator(model), observers, checkpoint_file)
    if resume:
        trainer.resume()
    trainer.fit()
    network.eval()
    record = prepared.record
    record.epochs = trainer.rows
    described = [
        {"side": side, "file": str(getattr(one.notes, "file", "")), "words": len(one), "width": one.vector_size}
        for side, sets in (vectors or {}).items()
        for one in sets
    ]
    record.settings = settings.to_config() | {
        "task": {"kind": "seq2seq", "metric": settings.metric},
        "vectors": described,
        "parameters": sum(p.numel() for p in network.parameters() if p.requires_grad),
        "best_epoch": trainer.best,
    }
    if prepared.dev is not None:
        record.evaluation = examined(model, prepared.dev.rows)
    record.program = program(started, settings.seed)
    if checkpoint_file is not None:
        checkpoint_file.unlink(missing_ok=True)
    return model


def _evaluator(model: TrainedSeq2Seq) -> Callable[[ParallelSplit], dict[str, Any]]:
    """What the trainer asks after every epoch; texts are written only when the metric needs them."""
    metric = model.settings.metric

    def evaluate(split: ParallelSplit) -> dict[str, Any]:
        metrics = forced(model.network, split)
        loss = metrics.pop("loss")
        if metric in WRITTEN:
            said = [answers[0].text for answers in model.translate(split.rows.source)]
            metrics |= written(said, split.rows.target, model.target_tokenizer, [metric])
        elif metric not in metrics:
            known = ", ".join([*metrics, *WRITTEN])
            raise InputError(f"the metric '{metric}' does not score seq2seq; there are {known}")
        return {"dev_loss": loss, "metrics": metrics}

    return evaluate


def examined(model: TrainedSeq2Seq, rows: Parallel) -> dict[str, Any]:
    """The dev set under the best model: metrics, score by length, samples, attention."""
    said = [answers[0] for answers in model.translate(rows.source)]
    texts = [one.text for one in said]
    split = encode_parallel(rows, model.source_tokenizer, model.target_tokenizer)
    metrics = forced(model.network, split)
    names = WRITTEN if _has_sacrebleu() else ("exact_match",)
    metrics |= written(texts, rows.target, model.target_tokenizer, names)
    picked = np.random.default_rng(0).permutation(len(rows))[:20]
    return {
        "split": "dev",
        "rows": len(rows),
        "metrics": metrics,
        "by_length": _by_length(model, split.source.lengths, texts, rows.target),
        "samples": [
            {"source": rows.source[i], "target": rows.target[i], "predicted": texts[i], "score": said[i].score}
            for i in picked
        ],
        "attention": [
            {"source": said[i].source_words, "predicted": said[i].words, "weights": said[i].attention.tolist()}
            for i in picked
            if said[i].words and 0 < len(said[i].source_words) <= 25
        ][:8],
    }


def _by_length(
    model: TrainedSeq2Seq, lengths: np.ndarray, said: list[str], references: list[str]
) -> list[dict[str, Any]]:
    """chrF of the dev rows by the length of their source: quarters of the rows; exact match without sacrebleu."""
    metric = "chrf" if _has_sacrebleu() else "exact_match"
    found = []
    for part in np.array_split(np.argsort(lengths, kind="stable"), min(4, len(lengths))):
        answers, right = ([texts[i] for i in part] for texts in (said, references))
        low, high = int(lengths[part].min()), int(lengths[part].max())
        score = written(answers, right, model.target_tokenizer, [metric])[metric]
        found.append({"from": low, "to": high, "rows": len(part), "score": score, "metric": metric})
    return found


def _has_sacrebleu() -> bool:
    try:
        need("sacrebleu.metrics", "seq2seq")
    except ImportError:
        return False
    return True


def save_seq2seq(
    model: TrainedSeq2Seq,
    folder: str | os.PathLike[str],
    report: Callable[[Record, Path], None] | None = None,
) -> None:
    """Write a run folder; `report` draws the page from the record."""
    config = {
        "format": FORMAT,
        "version": __version__,
        "settings": model.settings.to_config(),
        "network": model.config,
        "source_tokenizer": model.source_tokenizer.to_config(),
        "target_tokenizer": model.target_tokenizer.to_config(),
    }
    state = {name: value.detach().contiguous().clone() for name, value in model.network.state_dict().items()}
    with write_folder_whole(folder) as part:
        (part / "config.json").write_text(json.dumps(plain(config), indent=1, ensure_ascii=False) + "\n", "utf-8")
        (part / "model.safetensors").write_bytes(to_bytes(state))
        (part / "source_tokenizer.json").write_text(model.source_tokenizer.to_json(), "utf-8")
        (part / "target_tokenizer.json").write_text(model.target_tokenizer.to_json(), "utf-8")
        model.record.save(part / "record.json")
        (part / "README.md").write_text(_card(model), "utf-8")
        if report is not None:
            report(model.record, part / "report.html")


def load_seq2seq(folder: str | os.PathLike[str]) -> TrainedSeq2Seq:
    """Read a run folder of a seq2seq model."""
    path = Path(folder)
    if not (path / "config.json").is_file():
        raise InputError(f"{path}: expected a run folder of `wordfit train --task seq2seq`, found no config.json in it")
    try:
        config = json.loads((path / "config.json").read_text("utf-8"))
        if config.get("format") != FORMAT:
            raise InputError(f"{path}: expected a seq2seq run ('{FORMAT}'), found '{config.get('format')}'")
        settings = Seq2SeqSettings.from_config(config["settings"])
        sides = [
            Tokenizer.from_json((path / f"{name}.json").read_text("utf-8"), config[name])
            for name in ("source_tokenizer", "target_tokenizer")
        ]
        state = load_file(path / "model.safetensors")
        tables = (
            WordEmbedding(state["source.weight"], settings.source_tuning),
            WordEmbedding(state["target.weight"], settings.target_tuning, sparse=not settings.tied),
        )
        network = build_seq2seq(config["network"], *tables)
        network.load_state_dict(state)
    except (OSError, KeyError, TypeError, RuntimeError, SafetensorError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: this run folder is damaged ({error}). Train again, or restore the file.") from None
    record = Record.load(path / "record.json")
    return TrainedSeq2Seq(settings, sides[0], sides[1], network.eval(), config["network"], record)


def _card(model: TrainedSeq2Seq) -> str:
    metrics = model.record.evaluation.get("metrics", {})
    scores = "\n".join(f"| {name} | {value:.4f} |" for name, value in metrics.items())
    words = len(model.target_tokenizer.words)
    return f"""# A sequence-to-sequence model over word vectors

{model.settings.model}, {len(model.source_tokenizer.words):,} words of source, {words:,} of target.

| dev, {model.record.evaluation.get("rows", 0)} rows | |
|---|---|
{scores}

Use it: `wordfit translate FOLDER < lines.txt`. What happened in training stands in `record.json` and `report.html`.
Made with wordfit {__version__}, seed {model.settings.seed}.
"""
