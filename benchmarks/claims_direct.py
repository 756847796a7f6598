"""What `benchmarks/claims.py` measures apart from its table of cells: programs, arithmetic, probes, single models.

Each function takes the output folder and whether the form is full, and gives plain figures; `DIRECT` names them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from claims_data import VECTORS, rows_of
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from torch import nn

from wordfit.data import Encoded, Rules, Tokenizer, batches, read_rows, read_train
from wordfit.embedding import Tuning
from wordfit.glove.adapt import adapt
from wordfit.glove.model import GloVe
from wordfit.models.encoders import ENCODERS
from wordfit.training import Settings, fit, prepare
from wordfit.training.evaluation import deciding_words
from wordfit.training.preparation import Prepared
from wordfit.vectors import WordVectors

Figures = dict[str, Any]


def ready(name: str, folder: Path, most: int, vectors: str = "glove", seed: int = 0) -> Prepared:
    """A data set with vectors, prepared; dev is its test set."""
    rows = rows_of(name, folder)
    task, train = read_train(rows.train, kind=rows.kind, metric=rows.metric)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(train))[: most or None])
    texts = tuple([column[i] for i in chosen] for column in train.texts)
    train = type(train)(train.file, texts, [train.targets[i] for i in chosen], [train.lines[i] for i in chosen])
    return prepare(task, train, read_rows(rows.also[0][1], task), [WordVectors.load(VECTORS[vectors])], Settings())


def strongest_word(folder: Path, full: bool) -> Figures:
    """1e: how much of an answer its strongest word carries, and what is said of texts that have the word good."""
    runs = []
    for seed in range(5 if full else 2):
        prepared = ready("sst2", folder, 0 if full else 2000, seed=seed)
        for name in ("frozen", "tuned"):
            tuning = Tuning(lr_multiplier=0.0) if name == "frozen" else Tuning()
            lr = 0.5 if name == "frozen" else 0.02
            settings = Settings(tuning=tuning, optimizer="adagrad", batch_size=1, lr=lr, epochs=6, seed=seed)
            model = fit(prepared, settings, examine=False)
            words = deciding_words(model, prepared.dev)
            has = [i for i, text in enumerate(prepared.dev.rows.texts[0]) if " good " in f" {text} "]
            answers, positive = model.answers(prepared.dev)[has], prepared.dev.target[has] == 1
            runs.append(
                {
                    "vectors": name,
                    "seed": seed,
                    "strongest_share": words["strongest_share"],
                    "rows_with_good": len(has),
                    "good_positive": float(positive.mean()),
                    "good_said_positive": float((answers == 1).mean()),
                }
            )
    return {"runs": runs}


def printed_classifier(folder: Path, full: bool) -> Figures:
    """1g: what the printed classifier does, piece by piece."""
    torch.manual_seed(0)
    embedding = nn.Embedding.from_pretrained(torch.randn(20, 4))
    batch = torch.randint(1, 20, (5, 3))  # (T, B), torchtext's own order
    one = embedding(batch).mean(dim=1)  # what the program takes for a mean over words
    other = batch.clone()
    other[:, 1:] = 7  # other rows of the batch
    padded = torch.cat([batch[:, :1], torch.zeros(15, 1, dtype=torch.long)])
    return {
        "torchtext_is_there": find_spec("torchtext") is not None,
        "mean_shape": list(one.shape),
        "moved_by_other_rows": float((one - embedding(other).mean(dim=1)).abs().max()),
        "moved_by_padding": float((embedding(batch[:, :1]).mean(0) - embedding(padded).mean(0)).abs().max()),
        "frozen_by_default": not embedding.weight.requires_grad,
    }


def printed_encoders(folder: Path, full: bool) -> Figures:
    """2d: whether a row's output moves with the other rows of the batch, as printed and with `batch_first=True`."""
    moved = {}
    for name, options in (("printed", {}), ("batch_first", {"batch_first": True})):
        torch.manual_seed(0)
        layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, **options).eval()
        rows = torch.randn(5, 10, 8)  # (B, T, D)
        others = torch.cat([rows[:1], torch.randn(4, 10, 8)])
        with torch.no_grad():
            moved[name] = float((layer(rows)[0] - layer(others)[0]).abs().max())
    return {"moved_by_other_rows": moved}


def printed_tuning(folder: Path, full: bool) -> Figures:
    """3f: whether the printed way to tune tunes."""
    table = torch.randn(10, 4)
    model = nn.Sequential(nn.Embedding.from_pretrained(table), nn.Linear(4, 1))
    return {
        "requires_grad_by_default": model[0].weight.requires_grad,
        "requires_grad_when_asked": nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad,
        "other_parameters_is_there": hasattr(model, "other_parameters"),
    }


def weight_decay(folder: Path, full: bool) -> Figures:
    """3d: what `weight_decay` of dense Adam and the anchor do to a row that never occurs, over 100 steps."""
    left = {}
    for decay in (0.0, 1e-5, 1e-2):
        torch.manual_seed(0)
        layer = nn.Embedding(100, 16)
        start = layer.weight.detach().clone()
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.01, weight_decay=decay)
        for _ in range(100):
            optimizer.zero_grad()
            layer(torch.randint(0, 50, (32,))).pow(2).sum().backward()
            optimizer.step()
        left[f"{decay:g}"] = float((layer.weight.detach()[50:].norm(dim=1) / start[50:].norm(dim=1)).mean())
    return {"length_left_of_untouched_rows": left}


def pooled(prepared: Prepared, name: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Train and test rows through an untrained encoder over the frozen vectors: (B, W) each."""
    torch.manual_seed(seed)
    options = {"pool": "max", "hidden": 300} if name == "bilstm" else {}
    encoder = ENCODERS[name](prepared.alignment.matrix.shape[1], **options).eval()
    table = torch.from_numpy(prepared.alignment.matrix)
    found = []
    for split in (prepared.train, prepared.dev):
        parts: dict[int, np.ndarray] = {}
        for batch in batches(split.texts, split.target, 128, None, 100):
            ids, mask = (torch.from_numpy(part) for part in batch.texts[0])
            with torch.no_grad():
                parts |= dict(zip(batch.rows.tolist(), encoder(table[ids], mask).numpy()))
        found.append(np.stack([parts[i] for i in range(len(parts))]))
    return found[0], found[1]


def probes(folder: Path, full: bool) -> Figures:
    """2a: can the task be told from the pooled input, and how much of a score a linear probe finds without a layer."""
    most = 5000 if full else 1000
    names = ("cr", "phrasebank", "cola", "irony")
    sets = {name: ready(name, folder, most) for name in names}
    means = {name: pooled(prepared, "mean") for name, prepared in sets.items()}
    told = []
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            x, y = (np.vstack([means[n][k] for n in (first, second)]) for k in (0, 1))
            label = [np.repeat([0, 1], [len(means[n][k]) for n in (first, second)]) for k in (0, 1)]
            model = LogisticRegression(max_iter=300).fit(x, label[0])
            share = np.bincount(label[1]).max() / len(label[1])
            told.append({"tasks": [first, second], "accuracy": model.score(y, label[1]), "majority": float(share)})
    found = []
    for name, prepared in sets.items():
        row: Figures = {"data": name, "rows": len(prepared.train.rows)}
        row["majority"] = float(np.bincount(prepared.dev.target).max() / len(prepared.dev.target))
        for encoder in ("mean", "bilstm"):
            x, y = means[name] if encoder == "mean" else pooled(prepared, encoder)
            probe = LogisticRegression(max_iter=300, C=10).fit(x, prepared.train.target)
            row[encoder] = float(probe.score(y, prepared.dev.target))
        found.append(row)
    return {"told_apart": told, "probes": found}


class LastState(nn.Module):
    """An LSTM's last state and a linear layer, as printed (`lstm_out[:, -1, :]`) or at each text's own end."""

    def __init__(self, table: torch.Tensor, classes: int, own_end: bool) -> None:
        super().__init__()
        self.table, self.own_end = table, own_end
        self.lstm = nn.LSTM(table.shape[1], 64, batch_first=True)
        self.output = nn.Linear(64, classes)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states, _ = self.lstm(self.table[ids])  # (B, T, 64)
        last = mask.sum(1).clamp(min=1) - 1 if self.own_end else torch.full((len(ids),), ids.shape[1] - 1)
        return self.output(states[torch.arange(len(ids)), last])


def last_state(folder: Path, full: bool) -> Figures:
    """2b: accuracy with the state of padding and with a text's own last state; answers that more padding changes."""
    runs = []
    for name in ("cr", "mr", "phrasebank") if full else ("cr",):
        prepared = ready(name, folder, 0 if full else 1000)
        table = torch.from_numpy(prepared.alignment.matrix)
        for seed in range(5 if full else 2):
            for own_end in (False, True):
                torch.manual_seed(seed)
                model = LastState(table, len(prepared.task.labels), own_end)
                optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
                for epoch in range(8):
                    for batch in batches(prepared.train.texts, prepared.train.target, 32, 100 * seed + epoch, 60):
                        ids, mask = (torch.from_numpy(part) for part in batch.texts[0])
                        loss = nn.functional.cross_entropy(model(ids, mask), torch.from_numpy(batch.target))
                        optimizer.zero_grad()
                        loss.backward()
                        optimizer.step()
                plain, target = answered(model, prepared, 0)
                more, _ = answered(model, prepared, 40)
                runs.append(
                    {
                        "data": name,
                        "seed": seed,
                        "state": "own end" if own_end else "as printed",
                        "accuracy": float((plain == target).mean()),
                        "changed_by_padding": float((plain != more).mean()),
                    }
                )
    return {"runs": runs}


@torch.no_grad()
def answered(model: nn.Module, prepared: Prepared, padding: int) -> tuple[np.ndarray, np.ndarray]:
    """Answers for test rows in shuffled batches of 32, with so many places of padding added."""
    answers, targets = [], []
    for batch in batches(prepared.dev.texts, prepared.dev.target, 32, 0, 60):
        ids, mask = (torch.from_numpy(part) for part in batch.texts[0])
        ids, mask = (nn.functional.pad(part, (0, padding)) for part in (ids, mask))
        answers.append(model(ids, mask).argmax(1).numpy())
        targets.append(batch.target)
    return np.concatenate(answers), np.concatenate(targets)


def adapted(folder: Path, full: bool) -> Figures:
    """2c: cosine of mean and SIF-weighted vectors on STS-B test, published and adapted to the sentences of train."""
    rows = rows_of("stsb", folder)
    task, train = read_train(rows.train, kind="score", metric="spearman")
    test = read_rows(rows.also[0][1], task)
    start = WordVectors.load(VECTORS["glove"])
    corpus = Tokenizer(Rules.matched_to(start)).tokenize_batch([text for column in train.texts for text in column])
    scores: Figures = {}
    answers = {}
    for seed in range(3 if full else 1):
        moved = adapt(GloVe(seed=seed, min_count=2, iterations=15), corpus, start).vectors
        for name, vectors in (("published", start), ("adapted", moved)):
            prepared = prepare(task, train, test, [vectors], Settings(start="zero"))
            for weighted in (False, True):
                key = f"{name}, {'SIF' if weighted else 'plain'}"
                answers[key] = cosines(prepared, weighted)
                value = float(spearmanr(answers[key], prepared.dev.target)[0])
                scores.setdefault(key, []).append(value)
    random, gains = np.random.default_rng(0), []
    target = np.array(test.targets)
    for _ in range(300):
        draw = random.integers(0, len(target), len(target))
        value = [spearmanr(answers[f"{n}, SIF"][draw], target[draw])[0] for n in ("adapted", "published")]
        gains.append(value[0] - value[1])
    low, high = np.quantile(gains, [0.025, 0.975])
    return {"spearman": scores, "adapted_over_published_sif": [float(np.mean(gains)), float(low), float(high)]}


def cosines(prepared: Prepared, weighted: bool) -> np.ndarray:
    """Cosine of the two texts of each test row, of plain means or SIF-weighted ones without their common component."""
    matrix = prepared.alignment.matrix
    weights = prepared.vocabulary.sif_weights() if weighted else np.ones(len(matrix), np.float32)

    def means(text: Encoded) -> np.ndarray:
        total = np.zeros((len(text), matrix.shape[1]))
        np.add.at(total, np.repeat(np.arange(len(text)), text.lengths), (matrix * weights[:, None])[text.ids])
        return total / np.maximum(text.lengths, 1)[:, None]

    common = np.linalg.svd(np.vstack([means(t) for t in prepared.train.texts]), full_matrices=False)[2][0]
    u, v = ((m - np.outer(m @ common, common)) if weighted else m for m in map(means, prepared.dev.texts))
    return (u * v).sum(1) / np.maximum(np.linalg.norm(u, axis=1) * np.linalg.norm(v, axis=1), 1e-9)


def negative_losses(folder: Path, full: bool) -> Figures:
    """4a to 4e: the runs of `negative_loss.py`."""
    seeds = ["0", "1", "2"] if full else ["0"]
    script = Path(__file__).parent / "negative_loss.py"
    said = subprocess.run([sys.executable, str(script), *seeds], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    return {
        "runs": [line for line in lines if "clipped" in line],
        "bounded": next(line for line in lines if "lowest_cross_entropy" in line),
        "imbalance": next(line for line in lines if line.get("case", "").startswith("99 %")),
        "one_hot_GB": lines[-1]["one_hot_GB"],
    }


DIRECT: dict[str, Callable[[Path, bool], Figures]] = {
    "printed_classifier": printed_classifier,
    "printed_encoders": printed_encoders,
    "printed_tuning": printed_tuning,
    "weight_decay": weight_decay,
    "strongest_word": strongest_word,
    "probes": probes,
    "last_state": last_state,
    "adapted": adapted,
    "negative_losses": negative_losses,
}
