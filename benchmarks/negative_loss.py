"""What makes the loss of a seq2seq model negative, and what clipping it or tuning the vectors then does.

    python benchmarks/negative_loss.py [SEEDS]    # a JSON line for every run, about a minute of a free core a seed

64 short Multi30k pairs (German to English, `train`, at most 9 words a side), glove.6B.50d on the English side, a
BiLSTM encoder-decoder of 48 units, Adam 5e-3, 120 steps of 16 rows. Each fault is trained as it is, with its loss
clipped to [0, 10] word by word as in the article, and with tuned vectors. `negative` is whether any step's loss was
below zero, `still` the share of words whose gradient is zero at the end, `accuracy` the words that are right.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wordfit.data.parallel import Parallel, ParallelSplit, parallel_batches, read_lines
from wordfit.doctor.loss_examination import examine_loss_call
from wordfit.doctor.loss_floor import describe_loss_call
from wordfit.embedding import Tuning
from wordfit.models.seq2seq import Seq2SeqNetwork, shifted
from wordfit.training.seq2seq import PreparedParallel, Seq2SeqSettings, new_seq2seq, prepare_parallel
from wordfit.vectors import WordVectors

DATA = Path(os.environ.get("WORDFIT_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
STEPS, ROWS, LONGEST = 120, 64, 9
D = 50  # width of the vectors
SEEDS = [int(seed) for seed in sys.argv[1:]] or [0, 1, 2]


@dataclass(frozen=True)
class Case:
    """A loss as people write it: from outputs (N, C), words (N,) and their vectors (N, 50), a loss for each word."""

    loss: Callable[[Tensor, Tensor, Tensor], Tensor]
    call: Callable[[Tensor, Tensor, Tensor], tuple]
    """The call of `torch.nn.functional` that it comes down to, for the examination."""
    outputs: int = 0
    """Units of the output layer; 0 is one for each word."""


def one_hot(words: Tensor, like: Tensor) -> Tensor:
    return F.one_hot(words, like.shape[1]).float()


def gaussian(x: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return x[:, :D], v, F.softplus(x[:, D:]) + 1e-3


CASES = {
    "right": Case(lambda x, y, v: F.cross_entropy(x, y, reduction="none"), lambda x, y, v: ("cross_entropy", x, y)),
    "NLL of probabilities": Case(
        lambda x, y, v: F.nll_loss(x.softmax(1), y, reduction="none"), lambda x, y, v: ("nll_loss", x.softmax(1), y)
    ),
    "NLL of raw scores": Case(lambda x, y, v: F.nll_loss(x, y, reduction="none"), lambda x, y, v: ("nll_loss", x, y)),
    "cross entropy against word vectors": Case(
        lambda x, y, v: F.cross_entropy(x, v, reduction="none"), lambda x, y, v: ("cross_entropy", x, v), D
    ),
    "BCE against word vectors": Case(
        lambda x, y, v: F.binary_cross_entropy_with_logits(x, v, reduction="none").mean(1),
        lambda x, y, v: ("binary_cross_entropy_with_logits", x, v),
        D,
    ),
    "KL of probabilities": Case(
        lambda x, y, v: F.kl_div(x.softmax(1), one_hot(y, x), reduction="none").sum(1),
        lambda x, y, v: ("kl_div", x.softmax(1), one_hot(y, x)),
    ),
    "sign flipped": Case(
        lambda x, y, v: -F.cross_entropy(x, y, reduction="none"), lambda x, y, v: ("cross_entropy", x, y)
    ),
    "Gaussian of word vectors": Case(
        lambda x, y, v: F.gaussian_nll_loss(*gaussian(x, v), reduction="none").mean(1),
        lambda x, y, v: ("gaussian_nll_loss", *gaussian(x, v)),
        2 * D,
    ),
    "mended: cosine to word vectors": Case(
        lambda x, y, v: F.cosine_embedding_loss(x, v, torch.ones(len(x)), reduction="none"),
        lambda x, y, v: ("cosine_embedding_loss", x, v, torch.ones(len(x))),
        D,
    ),
}


def short_pairs() -> Parallel:
    """The first pairs whose English words all have vectors' rows to be near to: at most 9 words a side."""
    folder = DATA / "seq2seq" / "multi30k"
    rows = read_lines(folder / "train.de.gz", folder / "train.en.gz")
    fits = [i for i in range(len(rows)) if max(len(rows.source[i].split()), len(rows.target[i].split())) <= LONGEST]
    return Parallel(rows.file, [rows.source[i] for i in fits[:ROWS]], [rows.target[i] for i in fits[:ROWS]])


def build(prepared: PreparedParallel, settings: Seq2SeqSettings, case: Case) -> Seq2SeqNetwork:
    torch.manual_seed(settings.seed)
    network, _ = new_seq2seq(prepared, settings)
    if case.outputs:
        network.output = nn.Linear(network.core.width, case.outputs)
    return network


def outputs(network: Seq2SeqNetwork, batch, table: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What the output layer gives (N, C) for the words (N,), and their vectors (N, 50)."""
    source, source_mask, target, mask = (torch.from_numpy(part) for text in batch.texts for part in text)
    features, _ = network.features(source, source_mask, shifted(target))
    words = target[mask]
    return network.output(features[mask]), words, table[words]


def train(prepared: PreparedParallel, name: str, clipped: bool, tuned: bool, seed: int) -> dict:
    case, table = CASES[name], torch.from_numpy(prepared.target.matrix)
    tuning = Tuning() if tuned else Tuning(lr_multiplier=0.0)
    settings = Seq2SeqSettings(
        model_options={"hidden": 48, "dropout": 0.0}, target_tuning=tuning, source_width=48, seed=seed
    )
    network = build(prepared, settings, case)
    dense = [p for p in network.parameters() if p.requires_grad]
    for embedding in network.embeddings:
        embedding.sparse = False
    optimizer = torch.optim.Adam(dense, lr=5e-3)
    losses: list[float] = []
    epoch = 0
    while len(losses) < STEPS:
        for batch in parallel_batches(prepared.train, 16, epoch):
            x, y, v = outputs(network, batch, table)
            loss = case.loss(x, y, v)
            loss = (loss.clamp(0, 10) if clipped else loss).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(dense, 5.0)
            optimizer.step()
            losses.append(loss.item())
        epoch += 1
    return {
        "case": name,
        "clipped": clipped,
        "vectors": "tuned" if tuned else "frozen",
        "seed": seed,
        "first": losses[0],
        "last": losses[-1],
        "lowest": min(losses),
        "negative": min(losses) < 0,
        **judged(network, prepared.train, case, table, clipped),
    }


def judged(network: Seq2SeqNetwork, split: ParallelSplit, case: Case, table: Tensor, clipped: bool) -> dict:
    """Words that are right (by the nearest vector where vectors are the answer), and words without a gradient."""
    right = still = count = 0
    for batch in parallel_batches(split, 16):
        x, y, v = outputs(network, batch, table)
        x = x.detach().requires_grad_()
        loss = case.loss(x, y, v)
        (loss.clamp(0, 10) if clipped else loss).sum().backward()
        still += int((x.grad.abs().sum(1) == 0).sum())
        scores = F.normalize(x.detach()[:, :D]) @ F.normalize(table).T if case.outputs else x
        answer = scores.argmax(1)
        right, count = right + int((answer == y).sum()), count + len(y)
    return {"accuracy": right / count, "still": still / count}


def says(prepared: PreparedParallel, name: str) -> str:
    """What wordfit says of the call, on the first batch of an untrained model."""
    network = build(prepared, Seq2SeqSettings(model_options={"hidden": 48}, source_width=48), CASES[name])
    batch = next(parallel_batches(prepared.train, 16, 0))
    x, y, v = outputs(network, batch, torch.from_numpy(prepared.target.matrix))
    call = describe_loss_call(*CASES[name].call(x, y, v))
    value = CASES[name].loss(x, y, v).mean().item()
    flipped = name == "sign flipped"
    return examine_loss_call(call, -value if flipped else value, value if flipped else None).says


def bounded() -> dict:
    """The lowest cross entropy that rows of random logits reach, up to 1e4, and what an epsilon in the log does."""
    lowest, written = 0.0, 0.0
    random = torch.Generator().manual_seed(0)
    for scale in (1.0, 10.0, 100.0, 1e4):
        x = scale * torch.randn(300_000, 20, generator=random)
        y = x.argmax(1)
        lowest = min(lowest, F.cross_entropy(x, y, reduction="none").min().item())
        written = min(written, (-torch.log(x.softmax(1).gather(1, y[:, None]) + 1e-7)).min().item())
    return {"rows": 1_200_000, "lowest_cross_entropy": lowest, "lowest_of_log_p_plus_1e-7": written}


def imbalance() -> dict:
    """Cross entropy on 1,000 rows of which 99 % are one class, trained to the end: it falls to zero, not below."""
    torch.manual_seed(0)
    x, y = torch.randn(1000, 20), (torch.arange(1000) < 10).long()
    model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(500):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {
        "case": "99 % one class, overfitted",
        "first": losses[0],
        "lowest": min(losses),
        "negative": min(losses) < 0,
    }


def main() -> None:
    torch.set_num_threads(1)
    glove = WordVectors.load(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz")
    prepared = prepare_parallel(short_pairs(), None, [], [glove], Seq2SeqSettings(min_count=1, source_width=48))
    print(json.dumps(bounded()), flush=True)
    print(json.dumps(imbalance()), flush=True)
    for name in CASES:
        print(json.dumps({"case": name, "says": says(prepared, name)}), flush=True)
    for seed in SEEDS:
        for name in CASES:
            for clipped, tuned in ((False, False), (True, False), (False, True)):
                print(json.dumps(train(prepared, name, clipped, tuned, seed)), flush=True)
    print(json.dumps({"one_hot_GB": one_hot_bytes() / 1e9}), flush=True)


def one_hot_bytes() -> float:
    """Bytes of one-hot float32 targets for Multi30k's 29,000 rows, padded to 41 words, over 10,209 words."""
    return float(np.prod([29_000, 41, 10_209]) * 4)


if __name__ == "__main__":
    main()
