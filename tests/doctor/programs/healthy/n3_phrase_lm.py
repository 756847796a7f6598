"""Word language model over short English phrases (Tatoeba). Output layer tied to the table, label smoothing, two micro-batches per step."""
import gzip
import math
import os
import random
from collections import Counter
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

PAD, UNK, BOS, EOS = range(4)


@dataclass
class LMConfig:
    dim: int = 48
    dropout: float = 0.3
    smoothing: float = 0.05
    lr: float = 1.5e-2
    micro_batch: int = 50
    accumulate: int = 2
    epochs: int = 6
    sentences: int = 4500
    seed: int = 8


def phrases(cfg):
    path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")
    found = {}
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for n, line in enumerate(fh):
            english = line.split("\t")[0].lower()
            for mark in ".!?,":
                english = english.replace(mark, f" {mark} ")
            words = tuple(english.split())
            if 4 <= len(words) <= 7:
                found[words] = True
            if n > 20000:
                break
    found = list(found)
    random.Random(cfg.seed).shuffle(found)
    return found[:cfg.sentences]


class TiedLM(nn.Module):
    def __init__(self, cfg, size):
        super().__init__()
        self.table = nn.Embedding(size, cfg.dim, padding_idx=PAD)
        nn.init.normal_(self.table.weight, std=0.1)
        with torch.no_grad():
            self.table.weight[PAD].zero_()
        self.drop = nn.Dropout(cfg.dropout)
        self.rnn = nn.GRU(cfg.dim, cfg.dim, batch_first=True)
        self.project = nn.Linear(cfg.dim, cfg.dim)
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, x):
        h, _ = self.rnn(self.drop(self.table(x)))
        return F.linear(self.project(self.drop(h)), self.table.weight, self.bias)


def as_batch(rows):
    width = max(len(r) for r in rows)
    ids = torch.full((len(rows), width), PAD)
    for k, r in enumerate(rows):
        ids[k, :len(r)] = torch.tensor(r)
    return ids[:, :-1], ids[:, 1:]


@torch.no_grad()
def perplexity(model, rows):
    model.eval()
    x, y = as_batch(rows)
    return math.exp(F.cross_entropy(model(x).transpose(1, 2), y, ignore_index=PAD).item())


def main():
    cfg = LMConfig()
    torch.manual_seed(cfg.seed)
    rng = random.Random(cfg.seed)
    texts = phrases(cfg)
    train_text, dev_text = texts[500:], texts[:500]
    counts = Counter(w for t in train_text for w in t)
    vocab = {w: i for i, w in enumerate((w for w, c in counts.most_common() if c >= 12), 4)}
    encode = lambda t: [BOS] + [vocab.get(w, UNK) for w in t] + [EOS]
    train, dev = [encode(t) for t in train_text], [encode(t) for t in dev_text]
    freq = Counter(i for r in train for i in r[1:])
    total = sum(freq.values())
    tokens = [i for r in dev for i in r[1:]]
    unigram = math.exp(-sum(math.log(max(freq[i], 1) / total) for i in tokens) / len(tokens))
    print(f"{len(train)} phrases, {len(vocab)} words, unigram perplexity {unigram:.1f}")

    model = TiedLM(cfg, len(vocab) + 4)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=1e-3)
    micro = math.ceil(len(train) / cfg.micro_batch)
    updates = math.ceil(micro / cfg.accumulate)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=cfg.lr, total_steps=updates * cfg.epochs)
    for epoch in range(cfg.epochs):
        model.train()
        rng.shuffle(train)
        chunks = [train[k:k + cfg.micro_batch] for k in range(0, len(train), cfg.micro_batch)]
        running = 0.0
        optimizer.zero_grad()
        for n, chunk in enumerate(chunks, 1):
            x, y = as_batch(chunk)
            loss = F.cross_entropy(model(x).transpose(1, 2), y, ignore_index=PAD, label_smoothing=cfg.smoothing)
            (loss / cfg.accumulate).backward()
            running += loss.item()
            if n % cfg.accumulate == 0 or n == len(chunks):
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                scheduler.step()
                optimizer.zero_grad()
        print(f"epoch {epoch} smoothed loss {running / len(chunks):.4f} perplexity train {perplexity(model, train[:500]):.2f} dev {perplexity(model, dev):.2f}")


if __name__ == "__main__":
    main()
