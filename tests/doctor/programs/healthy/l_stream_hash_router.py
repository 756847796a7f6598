"""Online router for incoming messages.

Every message is seen exactly once: predict first, then learn from the label (prequential evaluation, as in
Vowpal Wabbit). Features are signed hashes of words and bigrams; the only model is a sparse table of 2**16 rows.
"""
from __future__ import annotations

import gzip
import logging
import os
import re
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
log = logging.getLogger("router")


@dataclass(frozen=True)
class Config:
    bits: int = 16
    lr: float = 0.4
    power_t: float = 0.25
    seed: int = 20
    per_queue: int = 900
    holdout: int = 150
    queues: tuple[str, ...] = ("captions", "newswire", "tweets")


class Message(NamedTuple):
    text: str
    queue: int


def _captions(root: Path) -> Iterator[str]:
    with gzip.open(root / "seq2seq/multi30k/train.en.gz", "rt", encoding="utf-8") as fh:
        yield from fh


def _newswire(root: Path) -> Iterator[str]:
    for line in (root / "sentiment/financial-phrasebank/Sentences_50Agree.txt").read_text(encoding="utf-8").splitlines():
        yield line.rsplit("@", 1)[0]


def _tweets(root: Path) -> Iterator[str]:
    for line in (root / "sentiment/tweeteval/emotion/train_text.txt").read_text(encoding="utf-8").splitlines():
        yield line.replace("@user", "").replace("#", "")


def take(source: Iterator[str], n: int) -> list[str]:
    kept: dict[str, None] = {}
    for line in source:
        clean = " ".join(re.findall(r"[a-z']+", line.lower()))
        if clean.count(" ") >= 3:
            kept.setdefault(clean)
        if len(kept) == n:
            break
    return list(kept)


class Hasher:
    def __init__(self, bits: int) -> None:
        self.mask = (1 << bits) - 1

    def __call__(self, text: str) -> tuple[Tensor, Tensor]:
        words = text.split()
        feats = words + [f"{a}_{b}" for a, b in zip(words, words[1:])]
        codes = [zlib.crc32(f.encode()) for f in feats]
        idx = torch.tensor([c & self.mask for c in codes])
        sign = torch.tensor([1.0 if c >> 31 else -1.0 for c in codes]) / len(codes) ** 0.5
        return idx, sign


class HashedLinear(nn.Module):
    def __init__(self, bits: int, classes: int) -> None:
        super().__init__()
        self.weight = nn.EmbeddingBag(1 << bits, classes, mode="sum", sparse=True)
        nn.init.zeros_(self.weight.weight)  # convex problem, zero is the usual start

    def forward(self, idx: Tensor, sign: Tensor) -> Tensor:
        return self.weight(idx.unsqueeze(0), per_sample_weights=sign.unsqueeze(0)).squeeze(0)


def main(cfg: Config) -> float:
    rng = np.random.default_rng(cfg.seed)
    root = Path(os.environ["WORDFIT_DATA"])
    stream: list[Message] = []
    for k, source in enumerate((_captions, _newswire, _tweets)):
        stream += [Message(t, k) for t in take(source(root), cfg.per_queue)]
    stream = [stream[i] for i in rng.permutation(len(stream))]
    held, live = stream[: cfg.holdout * 3], stream[cfg.holdout * 3 :]

    hasher, model = Hasher(cfg.bits), HashedLinear(cfg.bits, len(cfg.queues))
    optimizer = torch.optim.SGD(model.parameters(), lr=cfg.lr)
    decay = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: (1 + t / 100) ** -cfg.power_t)
    loss_fn = nn.CrossEntropyLoss()
    window: list[tuple[float, bool]] = []
    for step, msg in enumerate(live, 1):
        scores = model(*hasher(msg.text))
        loss = loss_fn(scores, torch.tensor(msg.queue))
        window.append((loss.item(), int(scores.argmax()) == msg.queue))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        decay.step()
        if step % 450 == 0:
            l, a = np.mean(window, axis=0)
            log.info("seen %4d  progressive loss %.3f  progressive acc %.3f", step, l, a)
            window.clear()

    with torch.inference_mode():
        right = sum(int(model(*hasher(m.text)).argmax()) == m.queue for m in held)
    log.info("holdout accuracy %.3f on %d messages (majority %.3f)", right / len(held), len(held),
             max(np.bincount([m.queue for m in held])) / len(held))
    return right / len(held)


if __name__ == "__main__":
    main(Config())
