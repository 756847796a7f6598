"""Cloze test on photo captions: which preposition was taken out?  Three words on each side are given."""
import gzip
import os
import random
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

PREPS = ["in", "on", "with", "of", "at", "to", "from", "for", "by", "through"]
SIDE = 3
random.seed(33)
torch.manual_seed(33)


def captions(split):
    fn = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", split + ".en.gz")
    with gzip.open(fn, "rt", encoding="utf-8") as fh:
        return [line.lower().replace(".", " ").replace(",", " , ").split() for line in fh]


def examples(sents, limit):
    out = []
    for s in sents:
        s = ["<s>"] * SIDE + s + ["</s>"] * SIDE
        spots = [i for i in range(SIDE, len(s) - SIDE) if s[i] in PREPS]
        if spots:
            i = random.choice(spots)
            out.append((s[i - SIDE:i] + s[i + 1:i + 1 + SIDE], PREPS.index(s[i])))
    random.shuffle(out)
    return out[:limit]


train = examples(captions("train"), 13000)
valid = examples(captions("val"), 900)
count = Counter(w for ctx, _ in train for w in ctx)
vocab = {w: i + 1 for i, w in enumerate(w for w, c in count.items() if c > 4)}      # 0 = rare word


def tensors(rows):
    return torch.tensor([[vocab.get(w, 0) for w in ctx] for ctx, _ in rows]), torch.tensor([y for _, y in rows])


class Cloze(nn.Module):
    def __init__(self, n_words, dim=24, hidden=64):
        super().__init__()
        self.words = nn.Embedding(n_words, dim)
        self.hidden = nn.Linear(2 * SIDE * dim, hidden)
        self.output = nn.Linear(hidden, len(PREPS))
        self.dropout = nn.Dropout(0.3)

    def forward(self, ctx):
        h = self.dropout(self.words(ctx).flatten(1))
        h = self.dropout(torch.relu(self.hidden(h)))
        # fault:
        return F.softmax(self.output(h), dim=-1)
        # mended:
        # return F.log_softmax(self.output(h), dim=-1)
        # end


xt, yt = tensors(train)
known = set(map(tuple, xt.tolist()))
xv, yv = tensors(valid)
fresh = torch.tensor([tuple(r) not in known for r in xv.tolist()])
xv, yv = xv[fresh], yv[fresh]
net = Cloze(len(vocab) + 1)
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
print("most frequent answer:", round((yv == yt.mode().values).float().mean().item(), 4))


def report(x, y):
    net.eval()
    with torch.no_grad():
        out = net(x)
        best = out.argmax(1)
        recall = [(best[y == c] == c).float().mean().item() for c in y.unique()]
        return criterion(out, y).item(), (best == y).float().mean().item(), sum(recall) / len(recall)


for epoch in range(1, 5):
    net.train()
    for g in optimizer.param_groups:
        g["lr"] = 1e-2 * (1 - (epoch - 1) / 4)
    for chunk in torch.randperm(len(xt)).split(100):
        optimizer.zero_grad()
        loss = criterion(net(xt[chunk]), yt[chunk])
        loss.backward()
        optimizer.step()
    l1, a1, r1 = report(xt[:2000], yt[:2000])
    l2, a2, r2 = report(xv, yv)
    print(f"epoch {epoch}  train loss {l1:.4f} acc {a1:.4f} recall {r1:.4f}   valid loss {l2:.4f} acc {a2:.4f} recall {r2:.4f}")
