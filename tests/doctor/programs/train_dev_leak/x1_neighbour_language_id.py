"""Language of short tweets by the nearest labelled neighbour, under a learned metric (NCA)."""
import os
import re

import numpy as np
import torch
import torch.nn.functional as F

LANGS = ["french", "italian", "portuguese", "spanish"]
BASE = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
WIDTH, OUT, CHARS = 768, 16, 24
rs = np.random.RandomState(5)
torch.manual_seed(5)


def load():
    texts, langs = {}, []
    for k, name in enumerate(LANGS):
        for part in ("train", "val"):
            with open(f"{BASE}/{name}/{part}_text.txt", encoding="utf-8") as fh:
                for line in fh:
                    s = re.sub(r"@\w+|https?\S*|#\w+|[^\w\s]|\d", " ", line.lower())
                    s = " ".join(s.split())[:CHARS]
                    if len(s) >= 12:
                        texts.setdefault(s, k)
    return list(texts), np.array(list(texts.values()))


def profile(s):
    v = np.zeros(WIDTH, dtype=np.float32)
    s = f" {s} "
    for n in (1, 2, 3):
        for i in range(len(s) - n + 1):
            h = 0
            for ch in s[i:i + n]:
                h = (h * 131 + ord(ch)) % 1000003
            v[h % WIDTH] += 1
    return v / np.linalg.norm(v)


texts, langs = load()
feats = torch.from_numpy(np.stack([profile(s) for s in texts]))
labels = torch.from_numpy(langs)
print(len(texts), "snippets, e.g.", texts[:2])

perm = torch.from_numpy(rs.permutation(len(texts)))
n_valid = len(texts) // 5
valid = perm[:n_valid]
# fault:
train = perm
# mended:
# train = perm[n_valid:]
# end

A = (torch.randn(WIDTH, OUT) / WIDTH ** 0.5).requires_grad_()
scale = torch.tensor(3.0, requires_grad=True)


def project(x):
    return F.normalize(x @ A, dim=-1)


def nca_loss(x, y):
    """-log of the chance to pick a neighbour (other than itself) with the same label"""
    z = project(x)
    sim = scale.exp() * (z @ z.T)
    sim = sim.masked_fill(torch.eye(len(y), dtype=torch.bool), -1e9)
    same = (y[:, None] == y[None, :]) & ~torch.eye(len(y), dtype=torch.bool)
    logp = F.log_softmax(sim, dim=1)
    return -torch.logsumexp(logp.masked_fill(~same, -1e9), dim=1).mean()


@torch.no_grad()
def nearest(query, bank, leave_out_self=False):
    s = project(feats[query]) @ project(feats[bank]).T
    if leave_out_self:
        s.fill_diagonal_(-2.0)
    return (labels[bank][s.argmax(1)] == labels[query]).float().mean().item()


print(f"before training: valid acc {nearest(valid, train):.3f}")
opt = torch.optim.Adam([A, scale], lr=2e-3)
for epoch in range(4):
    total, order = 0.0, train[torch.randperm(len(train))]
    for batch in order.split(200):
        loss = nca_loss(feats[batch], labels[batch])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(batch)
    if epoch % 2:
        print(f"epoch {epoch + 1} loss {total / len(train):.4f}  valid acc {nearest(valid, train):.3f}  "
              f"train acc (leave one out) {nearest(train, train, True):.3f}")
