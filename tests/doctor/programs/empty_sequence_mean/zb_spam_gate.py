#!/usr/bin/env python
"""Spam gate of the messaging backend; retrains on the moderated messages."""
import logging
import re

import numpy as np
import torch
from torch import nn, optim

logging.basicConfig(level=logging.INFO)
logger = logging.getLogger("spamgate")
settings = {"dim": 16, "lr": 0.02, "epochs": 5, "batch_size": 80, "threshold": 0.5, "seed": 14}
STOP = set("the a to is you i it we at on of and in for ok yes no thanks so me".split())

HAM = ("meeting lunch train kids dinner report tomorrow office late home call mum weekend football ticket garden "
       "rain coffee school doctor birthday").split()
SPAM = ("winner prize casino bonus loan viagra crypto click unlock bitcoin jackpot cheap pills deposit guaranteed "
        "investment lottery miracle discount subscribe").split()
BOTH = "now free call send money today time friend phone number new good week".split()
SMALL = sorted(STOP)


def message(rng):
    spam = rng.random() < 0.45
    if not spam and rng.random() < 0.05:
        return " ".join(rng.choice(["ok", "yes", "no", "thanks", "ok thanks"], 1)), 0
    own, other = (SPAM, HAM) if spam else (HAM, SPAM)
    words = list(rng.choice(own, rng.integers(2, 5))) + list(rng.choice(BOTH, rng.integers(1, 4)))
    if rng.random() < 0.1:
        words.append(rng.choice(other))
    words += list(rng.choice(SMALL, rng.integers(1, 5)))
    rng.shuffle(words)
    return " ".join(words), int(spam)


def tokens(text):
    return [w for w in re.findall(r"[a-z]+", text.lower()) if w not in STOP]


class Gate(nn.Module):
    def __init__(self, n, dim):
        super().__init__()
        self.table = nn.Embedding(n, dim, padding_idx=0)
        self.score = nn.Linear(dim, 1)

    def forward(self, ids):
        lengths = (ids != 0).sum(dim=1, keepdim=True)
        # fault:
        pooled = self.table(ids).sum(dim=1) / lengths
        # mended:
        # pooled = self.table(ids).sum(dim=1) / lengths.clamp(min=1)
        # end
        return self.score(pooled)[:, 0]


def encode(texts, vocab):
    toks = [[vocab[w] for w in tokens(t) if w in vocab] for t in texts]
    width = max(1, max(len(t) for t in toks))
    out = np.zeros((len(toks), width), dtype=np.int64)
    for r, t in enumerate(toks):
        out[r, :len(t)] = t
    return torch.from_numpy(out)


def report(model, x, y):
    with torch.no_grad():
        pred = (torch.sigmoid(model(x)) > settings["threshold"]).float()
    tp = (pred * y).sum().item()
    return {"accuracy": round((pred == y).float().mean().item(), 3),
            "recall": round(tp / y.sum().item(), 3),
            "precision": round(tp / max(1.0, pred.sum().item()), 3)}


def main():
    rng = np.random.default_rng(settings["seed"])
    torch.manual_seed(settings["seed"])
    msgs = [message(rng) for _ in range(2400)]
    cut = 1900
    train, held = msgs[:cut], msgs[cut:]
    vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in tokens(t)}))}
    xt, yt = encode([t for t, _ in train], vocab), torch.tensor([float(y) for _, y in train])
    xh, yh = encode([t for t, _ in held], vocab), torch.tensor([float(y) for _, y in held])
    model = Gate(len(vocab) + 1, settings["dim"])
    opt = optim.AdamW(model.parameters(), lr=settings["lr"])
    crit = nn.BCEWithLogitsLoss()
    for epoch in range(1, settings["epochs"] + 1):
        perm = torch.from_numpy(rng.permutation(cut))
        total = 0.0
        for idx in perm.split(settings["batch_size"]):
            loss = crit(model(xt[idx]), yt[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        logger.info("epoch %d loss %.4f held out %s", epoch, total / cut, report(model, xh, yh))


if __name__ == "__main__":
    main()
