"""English to French, short Tatoeba sentences, Transformer; word overlap as score."""
import gzip
import math
import os
import random
import re
from collections import Counter
from pathlib import Path

import torch
from torch import nn

random.seed(159)
torch.manual_seed(159)
PATH = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "seq2seq" / "tatoeba-fra-eng" / "fra.txt.gz"
rows = []
with gzip.open(PATH, "rt", encoding="utf-8") as f:
    for k, line in enumerate(f):
        if k > 12000:
            break
        e, r = (re.findall(r"\w+", s.lower()) for s in line.split("\t")[:2])
        if 3 <= len(e) <= 4 and 2 <= len(r) <= 6:
            rows.append((e, r))
random.shuffle(rows)
rows = rows[:1800]
en = {w: i for i, (w, c) in enumerate(Counter(w for e, _ in rows for w in e).most_common(400), start=4)}
fr = {w: i for i, (w, c) in enumerate(Counter(w for _, r in rows for w in r).most_common(500), start=4)}


def tensors(part):
    x = nn.utils.rnn.pad_sequence([torch.tensor([en.get(w, 3) for w in e]) for e, _ in part], batch_first=True)
    y = nn.utils.rnn.pad_sequence([torch.tensor([1] + [fr.get(w, 3) for w in r] + [2]) for _, r in part], batch_first=True)
    return x, y


class Model(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.scale = math.sqrt(d)
        self.en, self.fr = nn.Embedding(len(en) + 4, d, padding_idx=0), nn.Embedding(len(fr) + 4, d, padding_idx=0)
        nn.init.normal_(self.en.weight, std=d**-0.5)
        nn.init.normal_(self.fr.weight, std=d**-0.5)
        self.pos = nn.Parameter(torch.randn(10, d) * 0.1)
        self.net = nn.Transformer(d, 4, 1, 1, 96, 0.1, batch_first=True, norm_first=True)
        self.out = nn.Linear(d, len(fr) + 4)

    def forward(self, x, y):
        a = self.en(x) * self.scale + self.pos[: x.size(1)]
        b = self.fr(y) * self.scale + self.pos[: y.size(1)]
        causal = torch.ones(y.size(1), y.size(1), dtype=torch.bool).triu(1)
        return self.out(self.net(a, b, tgt_mask=causal, src_key_padding_mask=x == 0, memory_key_padding_mask=x == 0, tgt_key_padding_mask=y == 0))


def translate(model, x, n):
    y = torch.ones(len(x), 1, dtype=torch.long)
    for _ in range(n):
        y = torch.cat([y, model(x, y)[:, -1:].argmax(-1)], 1)
    return y[:, 1:]


model = Model()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
dev_x, dev_y = tensors(rows[1650:])
train = rows[:1650]
for epoch in range(6):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, 1650, 50):
        x, y = tensors(train[i : i + 50])
        loss = nn.functional.cross_entropy(model(x, y[:, :-1]).transpose(1, 2), y[:, 1:], ignore_index=0)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / 33:.4f}")
model.eval()
with torch.no_grad():
    gold = dev_y[:, 1:]
    # fault:
    hypothesis = model(dev_x, dev_y[:, :-1]).argmax(-1)
    # mended:
    # hypothesis = translate(model, dev_x, gold.size(1))
    # end
print("dev words at their place", (hypothesis == gold)[gold != 0].float().mean().item())
