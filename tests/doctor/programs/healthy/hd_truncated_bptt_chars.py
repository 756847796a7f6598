"""Character LSTM on captions, tied input and output vectors, state carried over chunks, clipping."""
import gzip
import math
import os

import torch
import torch.nn as nn

torch.manual_seed(55)
folder = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "seq2seq/multi30k")


def text(name, n):
    with gzip.open(f"{folder}/{name}", "rt", encoding="utf-8") as f:
        lines = [line.strip().lower() for line in f]
    return lines[:n]


dev_lines = text("val.en.gz", 150)
train_lines = [t for t in text("train.en.gz", 1500) if t not in set(dev_lines)]
chars = sorted(set("\n".join(train_lines)) | {"\n"})
ix = {c: i for i, c in enumerate(chars)}


def stream(lines, rows):
    ids = torch.tensor([ix[c] for c in "\n".join(lines) if c in ix])
    n = len(ids) // rows
    return ids[: n * rows].view(rows, n)


class CharLM(nn.Module):
    def __init__(self, n, d=96):
        super().__init__()
        self.emb = nn.Embedding(n, d)
        nn.init.normal_(self.emb.weight, std=0.1)
        self.lstm = nn.LSTM(d, d, batch_first=True)
        self.out = nn.Linear(d, n)
        self.out.weight = self.emb.weight

    def forward(self, x, state=None):
        h, state = self.lstm(self.emb(x), state)
        return self.out(h), state


model, T = CharLM(len(chars)), 30
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 6, 5e-4)
train, dev = stream(train_lines, 20), stream(dev_lines, 10)
for epoch in range(6):
    state, total, steps = None, 0.0, 0
    for i in range(0, train.size(1) - 1 - T, T):
        logits, state = model(train[:, i : i + T], state)
        state = tuple(s.detach() for s in state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), train[:, i + 1 : i + T + 1].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        opt.step()
        total, steps = total + loss.item(), steps + 1
    sched.step()
    with torch.no_grad():
        logits, _ = model(dev[:, :-1])
        bits = nn.functional.cross_entropy(logits.flatten(0, 1), dev[:, 1:].flatten()) / math.log(2)
    print(f"epoch {epoch} loss {total / steps:.4f} dev bits per character {bits:.3f}")
