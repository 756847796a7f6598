"""Is an English Tatoeba sentence a question? Punctuation is removed; word attention pooling."""
import gzip
import os
import random
import re

import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 2021
random.seed(SEED)
torch.manual_seed(SEED)
path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")

questions, statements = {}, {}
with gzip.open(path, "rt", encoding="utf-8") as f:
    for line in f:
        eng = line.split("\t")[0].strip().lower()
        toks = tuple(re.findall(r"[a-z']+", eng))
        if 3 <= len(toks) <= 12:
            (questions if eng.endswith("?") else statements)[toks] = None
statements = {t: None for t in statements if t not in questions}
pool = [(t, 1) for t in random.sample(list(questions), 2300)] + [(t, 0) for t in random.sample(list(statements), 2300)]
random.shuffle(pool)
train, dev = pool[:4000], pool[4000:]

vocab = {"<pad>": 0, "<unk>": 1}
freq = {}
for toks, _ in train:
    for t in toks:
        freq[t] = freq.get(t, 0) + 1
for t, c in sorted(freq.items()):
    if c >= 4:
        vocab[t] = len(vocab)


def tensorise(rows):
    width = max(len(t) for t, _ in rows)
    ids = [[vocab.get(w, 1) for w in t] + [0] * (width - len(t)) for t, _ in rows]
    return torch.tensor(ids), torch.tensor([y for _, y in rows])


class AttnPool(nn.Module):
    def __init__(self, v, d=24):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.pos = nn.Embedding(12, d)
        self.key = nn.Sequential(nn.Linear(d, d), nn.Tanh(), nn.Linear(d, 1, bias=False))
        self.drop = nn.Dropout(0.3)
        self.cls = nn.Linear(d, 2)

    def forward(self, x):
        e = self.emb(x) + self.pos(torch.arange(x.size(1)))
        w = self.key(e).squeeze(-1).masked_fill(x == 0, float("-inf")).softmax(dim=1)
        return self.cls(self.drop((w.unsqueeze(-1) * e).sum(1)))


model = AttnPool(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-5)


def acc(rows):
    model.eval()
    with torch.no_grad():
        x, y = tensorise(rows)
        return (model(x).argmax(-1) == y).float().mean().item()


for epoch in range(5):
    random.shuffle(train)
    model.train()
    tot = 0
    for i in range(0, len(train), 32):
        x, y = tensorise(train[i:i + 32])
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    print(f"epoch {epoch}  loss {tot / len(train):.3f}  train {acc(train):.3f}  dev {acc(dev):.3f}")
