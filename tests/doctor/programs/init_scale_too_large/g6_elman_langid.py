# Language identification of short character snippets with a hand-written Elman cell.
# Captions of Multi30k in four languages; one snippet of 16 characters from each caption.
import gzip
import math
import os
import random

import torch
import torch.nn as nn

torch.manual_seed(2)
random.seed(2)
folder = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
SNIP = 16

snippets = []
for y, lang in enumerate(LANGS):
    with gzip.open(os.path.join(folder, f"val.{lang}.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            line = line.strip().lower()
            if len(line) > SNIP + 12:
                start = random.randint(10, len(line) - SNIP)
                snippets.append((line[start:start + SNIP], y))
first = {}
for s, y in snippets:
    first.setdefault(s, y)
snippets = list(first.items())
random.shuffle(snippets)
chars = sorted({c for s, _ in snippets for c in s})
char2id = {c: i for i, c in enumerate(chars)}
x = torch.tensor([[char2id[c] for c in s] for s, _ in snippets])
y = torch.tensor([l for _, l in snippets])
n_dev = 600
xd, yd, xt, yt = x[:n_dev], y[:n_dev], x[n_dev:], y[n_dev:]


class Elman(nn.Module):
    def __init__(self, n_chars, dim, hidden, n_out):
        super().__init__()
        self.hidden = hidden
        self.emb = nn.Embedding(n_chars, dim)
        # fault:
        self.w_in = nn.Parameter(torch.randn(dim, hidden))
        self.w_rec = nn.Parameter(torch.randn(hidden, hidden))
        # mended:
        #self.w_in = nn.Parameter(torch.randn(dim, hidden) / math.sqrt(dim))
        #self.w_rec = nn.Parameter(torch.randn(hidden, hidden) * 0.7 / math.sqrt(hidden))
        # end
        self.bias = nn.Parameter(torch.zeros(hidden))
        self.out = nn.Linear(hidden, n_out)

    def forward(self, ids):
        e = self.emb(ids) @ self.w_in + self.bias
        h = e.new_zeros(ids.size(0), self.hidden)
        states = []
        for t in range(ids.size(1)):
            h = torch.tanh(e[:, t] + h @ self.w_rec)
            states.append(h)
        return self.out(torch.stack(states, 1).mean(1))


model = Elman(len(chars), 24, 64, len(LANGS))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
crit = nn.CrossEntropyLoss()
print(len(xt), "train", n_dev, "dev", len(chars), "characters")

for epoch in range(7):
    model.train()
    total, right = 0.0, 0
    for ix in torch.randperm(len(xt)).split(64):
        logits = model(xt[ix])
        loss = crit(logits, yt[ix])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item() * len(ix)
        right += (logits.argmax(1) == yt[ix]).sum().item()
    model.eval()
    with torch.no_grad():
        z = model(xd)
    print(f"epoch {epoch}: train {total / len(xt):.3f} {right / len(xt):.3f}"
          f"  dev {crit(z, yd).item():.3f} {(z.argmax(1) == yd).float().mean().item():.3f}")
