"""Which language is a caption clipped to a few words written in?  Hashed character trigrams, own bag layer."""
import gzip
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import List, Tuple

import torch
from torch import nn

FOLDER = Path(os.environ["WORDFIT_DATA"]) / "seq2seq" / "multi30k"


@dataclass
class Job:
    langs: Tuple[str, ...] = ("en", "de", "fr", "cs")
    words: int = 3
    per_lang: int = 900
    buckets: int = 2048
    dim: int = 16
    epochs: int = 5
    accumulate: int = 2
    micro: int = 32
    lr: float = 1e-2


def grams(text, buckets):
    t = f"_{text}_"
    return [zlib.crc32(t[i:i + 3].encode()) % buckets for i in range(len(t) - 2)]


def load(job, split, n, skip=frozenset()):
    rows, seen = [], set(skip)
    for y, lang in enumerate(job.langs):
        kept = 0
        with gzip.open(FOLDER / f"{split}.{lang}.gz", "rt", encoding="utf-8") as fh:
            for line in fh:
                text = " ".join(line.lower().split()[-job.words:])
                if text in seen or not text:
                    continue
                seen.add(text)
                rows.append((grams(text, job.buckets), y))
                kept += 1
                if kept == n:
                    break
    return rows, seen


class Bag(nn.Module):
    """Sums rows over offsets with index_add, then divides by the counts."""

    def __init__(self, rows, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(rows, dim).uniform_(-0.1, 0.1))

    def forward(self, flat, owner, n):
        out = self.weight.new_zeros(n, self.weight.shape[1]).index_add(0, owner, self.weight[flat])
        return out / torch.bincount(owner, minlength=n).unsqueeze(1)


class Detector(nn.Module):
    def __init__(self, job):
        super().__init__()
        self.bag = Bag(job.buckets, job.dim)
        self.head = nn.Linear(job.dim, len(job.langs))

    def forward(self, docs: List[List[int]]):
        flat = torch.tensor([g for d in docs for g in d])
        owner = torch.repeat_interleave(torch.arange(len(docs)), torch.tensor([len(d) for d in docs]))
        return self.head(self.bag(flat, owner, len(docs)))


class Engine:
    def __init__(self, job, model):
        self.job, self.model = job, model
        self.loss = nn.CrossEntropyLoss(label_smoothing=0.05)
        self.opt = torch.optim.Adam(model.parameters(), lr=job.lr)

    def train_epoch(self, rows):
        self.model.train()
        order = torch.randperm(len(rows)).tolist()
        size, acc, total = self.job.micro, self.job.accumulate, 0.0
        starts = range(0, len(order), size)
        self.opt.zero_grad()
        for k, i in enumerate(starts, 1):
            part = [rows[j] for j in order[i:i + size]]
            loss = self.loss(self.model([d for d, _ in part]), torch.tensor([y for _, y in part]))
            (loss / acc).backward()
            total += loss.item()
            if k % acc == 0 or k == len(starts):
                self.opt.step()
                self.opt.zero_grad()
        return total / len(starts)

    @torch.inference_mode()
    def accuracy(self, rows):
        self.model.eval()
        guess = self.model([d for d, _ in rows]).argmax(1)
        return (guess == torch.tensor([y for _, y in rows])).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(6)
    job = Job()
    train, seen = load(job, "train", job.per_lang)
    test, _ = load(job, "val", 250, seen)
    engine = Engine(job, Detector(job))
    for e in range(job.epochs):
        loss = engine.train_epoch(train)
        print(f"epoch {e + 1}: loss {loss:.3f} train {engine.accuracy(train):.3f} val {engine.accuracy(test):.3f}")
