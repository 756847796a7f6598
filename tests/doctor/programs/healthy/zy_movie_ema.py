# Sentiment of film reviews with frozen Google News vectors, averaged weights at evaluation time
import copy
import gzip
import os
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

DATA = os.environ["WORDFIT_DATA"]


@dataclass
class Config:
    width: int = 300
    hidden: int = 24
    drop: float = 0.4
    lr: float = 2e-3
    epochs: int = 5
    batch: int = 64
    decay: float = 0.98
    patience: int = 3
    seed: int = 31


def read_vectors(path, wanted):
    words, rows = {"<pad>": 0}, [np.zeros(300, dtype=np.float32)]
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        n, width = map(int, fh.readline().split())
        for line in fh:
            w, rest = line.split(" ", 1)
            if w in wanted:
                words[w] = len(rows)
                rows.append(np.fromstring(rest, dtype=np.float32, sep=" "))
    vectors = torch.from_numpy(np.stack(rows))
    print(len(rows), "of", n, "vectors of width", width)
    return words, vectors


def read_sst(name, words):
    out = []
    for line in open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8"):
        label, text = line.split(" ", 1)
        ids = [words[t] for t in text.split() if t in words]
        if ids:
            out.append((ids, float(label)))
    return out


def collate(batch):
    n = max(len(i) for i, _ in batch)
    x = torch.zeros(len(batch), n, dtype=torch.long)
    for k, (ids, _) in enumerate(batch):
        x[k, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in batch])


class Reviewer(nn.Module):
    def __init__(self, vectors, cfg):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.proj = nn.Linear(cfg.width, cfg.hidden)
        self.gate = nn.Linear(cfg.width, 1)
        self.drop = nn.Dropout(cfg.drop)
        self.out = nn.Linear(cfg.hidden, 1)

    def forward(self, x):
        e = self.emb(x)
        m = x != 0
        a = self.gate(e).squeeze(-1).masked_fill(~m, float("-inf")).softmax(dim=1)
        mean = torch.einsum("bt,bte->be", a, e)
        return self.out(self.drop(torch.tanh(self.proj(mean)))).squeeze(-1)


class Ema:
    def __init__(self, model, decay):
        self.shadow, self.decay = copy.deepcopy(model).eval(), decay

    @torch.no_grad()
    def update(self, model):
        for s, p in zip(self.shadow.parameters(), model.parameters()):
            if p.requires_grad:
                s.lerp_(p, 1 - self.decay)


@torch.no_grad()
def accuracy(model, loader):
    good = n = 0
    for x, y in loader:
        good += ((model(x) > 0).float() == y).sum().item()
        n += len(y)
    return good / n


cfg = Config()
torch.manual_seed(cfg.seed)
wanted = {t for s in ("train", "dev", "test") for l in open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{s}", encoding="utf-8")
          for t in l.split()[1:]}
words, vectors = read_vectors(f"{DATA}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", wanted)
train, dev, test = (read_sst(s, words) for s in ("train", "dev", "test"))
loaders = [DataLoader(d, batch_size=256, collate_fn=collate) for d in (train, dev, test)]
model = Reviewer(vectors, cfg)
ema = Ema(model, cfg.decay)
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=cfg.lr, weight_decay=1e-2)
best, best_state, waited = 0, None, 0
for epoch in range(1, cfg.epochs + 1):
    model.train()
    losses = []
    for x, y in DataLoader(train, batch_size=cfg.batch, shuffle=True, collate_fn=collate):
        loss = F.binary_cross_entropy_with_logits(model(x), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        ema.update(model)
        losses.append(loss.item())
    acc = accuracy(ema.shadow, loaders[1])
    print(f"[{epoch}] loss={np.mean(losses):.3f} dev={acc:.3f}")
    if acc > best:
        best, best_state, waited = acc, copy.deepcopy(ema.shadow.state_dict()), 0
    else:
        waited += 1
        if waited >= cfg.patience:
            break
ema.shadow.load_state_dict(best_state)
print(f"best dev {best:.3f}; train {accuracy(ema.shadow, loaders[0]):.3f}; test {accuracy(ema.shadow, loaders[2]):.3f}")
