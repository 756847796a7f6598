# A character model of Brown corpus sentences with tied input/output embeddings and gradient accumulation.
import gzip
import math
import os
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1)
STEPS, MICRO, ACCUM, SPAN = 150, 16, 2, 40

path = os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz")
lines = []
with gzip.open(path, "rt", encoding="utf-8") as f:
    for line in f:
        lines.append(line.strip().lower())
        if len(lines) == 3000:
            break
train_text, valid_text = "\n".join(lines[:2700]), "\n".join(lines[2700:])
chars = ["?"] + [c for c, n in Counter(train_text).most_common() if n >= 20]
stoi = {c: i for i, c in enumerate(chars)}
encode = lambda t: torch.tensor([stoi.get(c, 0) for c in t])
train, valid = encode(train_text), encode(valid_text)[:6000]


class CharLM(nn.Module):
    def __init__(self, n, dim=72):
        super().__init__()
        self.emb = nn.Embedding(n, dim)
        nn.init.normal_(self.emb.weight, std=0.1)
        self.gru = nn.GRU(dim, 96, batch_first=True)
        self.back = nn.Linear(96, dim)
        self.bias = nn.Parameter(torch.zeros(n))

    def forward(self, x):
        h, _ = self.gru(self.emb(x))
        return F.linear(self.back(h), self.emb.weight, self.bias)


def window():
    at = torch.randint(0, len(train) - SPAN - 1, (MICRO,))
    rows = torch.stack([train[a:a + SPAN + 1] for a in at.tolist()])
    return rows[:, :-1], rows[:, 1:]


@torch.no_grad()
def bits(model, ids):
    model.eval()
    n = (len(ids) - 1) // SPAN
    x, y = ids[:n * SPAN].view(n, SPAN), ids[1:n * SPAN + 1].view(n, SPAN)
    return F.cross_entropy(model(x).flatten(0, 1), y.flatten()).item() / math.log(2)


model = CharLM(len(chars))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=STEPS, pct_start=0.15)
for step in range(1, STEPS + 1):
    model.train()
    for _ in range(ACCUM):
        x, y = window()
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten()) / ACCUM
        loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    opt.zero_grad()
    sched.step()
    if step % 50 == 0:
        print(f"step {step}: train {bits(model, train[:6000]):.3f} valid {bits(model, valid):.3f} bits per character")

p = torch.bincount(train, minlength=len(chars)).float() + 1
unigram = -(p / p.sum()).log2()[valid].mean().item()
print(f"valid {bits(model, valid):.3f} bits, unigram {unigram:.3f}")
