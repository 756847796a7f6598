"""Five-fold cross-validation on customer reviews (Hu & Liu), averaged bag of hashed words."""
import os
import random
import numpy as np
import torch
import torch.nn as nn

random.seed(1)
np.random.seed(1)
torch.manual_seed(1)
base = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "CR")


def lines(name):
    with open(os.path.join(base, name), encoding="latin-1") as f:
        return [l.split()[:40] for l in f if len(l.split()) > 3]


neg, pos = lines("custrev.neg"), lines("custrev.pos")
texts = neg + random.sample(pos, len(neg))
labels = [0] * len(neg) + [1] * len(neg)
BUCKETS = 4000


def features(toks):
    toks = [t.lower() for t in toks]
    return [(sum(ord(c) * 31 ** (i % 12) for i, c in enumerate(t))) % BUCKETS for t in toks]


X = [torch.tensor(features(t)) for t in texts]
y = torch.tensor(labels)
folds = np.array_split(np.random.permutation(len(X)), 5)


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(BUCKETS, 16, mode="mean")
        nn.init.uniform_(self.emb.weight, -0.05, 0.05)
        self.fc = nn.Linear(16, 2)

    def forward(self, rows):
        off = torch.tensor([0] + [len(r) for r in rows])[:-1].cumsum(0)
        return self.fc(self.emb(torch.cat(rows), off))


def run_epoch(model, opt, idx):
    model.train()
    for b in np.array_split(np.random.permutation(idx), len(idx) // 32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model([X[i] for i in b]), y[b])
        loss.backward()
        opt.step()


def evaluate(model, idx):
    model.eval()
    with torch.no_grad():
        z = model([X[i] for i in idx])
    return nn.functional.cross_entropy(z, y[idx]).item(), (z.argmax(1) == y[idx]).float().mean().item()


# fault:
scores, model = [], Bag()
# mended:
# scores = []
# end
for k, held_out in enumerate(folds):
    # fault:
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    # mended:
    # model = Bag()
    # optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    # end
    rest = np.concatenate([f for j, f in enumerate(folds) if j != k])
    for epoch in range(3):
        run_epoch(model, optimizer, rest)
    tr, te = evaluate(model, rest), evaluate(model, held_out)
    scores.append(te[1])
    print(f"fold {k}: train loss {tr[0]:.3f} acc {tr[1]:.3f}   held-out loss {te[0]:.3f} acc {te[1]:.3f}")
print(f"5-fold accuracy {np.mean(scores):.3f} +- {np.std(scores):.3f}")
