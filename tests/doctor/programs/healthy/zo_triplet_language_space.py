# Metric learning: tweets of the same language close together, no classifier at all.
# Evaluated by nearest centroid on held-out tweets.
import os, random
import numpy as np
import torch
import torch.nn.functional as F

rnd = random.Random(0)
torch.manual_seed(0)
base = os.environ["WORDFIT_DATA"] + "/sentiment/umsab-multilingual/"
languages = ["english", "french", "german", "spanish"]
B = 1 << 12


def trigrams(s):
    s = " " + " ".join(w for w in s.lower().split() if w[0] not in "@#" and "http" not in w) + " "
    h = np.zeros(B, dtype=np.float32)
    for i in range(len(s) - 2):
        h[sum(ord(c) * p for c, p in zip(s[i:i + 3], (1, 31, 961))) % B] += 1
    return np.sqrt(h) / max(1e-6, np.sqrt(h.sum()))          # unit length


def load(part, n):
    return [torch.from_numpy(np.stack([trigrams(l) for l in open(base + lang + f"/{part}_text.txt", encoding="utf-8").readlines()[:n]]))
            for lang in languages]


tr, va = load("train", 250), load("val", 100)
W = torch.nn.Parameter(torch.randn(B, 8) * 0.05)
opt = torch.optim.Adam([W], lr=5e-3)
embed = lambda x: F.normalize(x @ W, dim=1)


def centroid_accuracy(groups):
    with torch.no_grad():
        cents = F.normalize(torch.stack([embed(g).mean(0) for g in tr]), dim=1)
        ok = [(embed(g) @ cents.T).argmax(1) == i for i, g in enumerate(groups)]
    return torch.cat(ok).float().mean().item()


for step in range(1, 121):
    a, p, n = [], [], []
    for _ in range(48):
        i, j = rnd.sample(range(len(languages)), 2)
        u, v = rnd.sample(range(len(tr[i])), 2)
        a.append(tr[i][u]); p.append(tr[i][v]); n.append(rnd.choice(tr[j]))
    a, p, n = (embed(torch.stack(t)) for t in (a, p, n))
    gap = (a * n).sum(1) - (a * p).sum(1) + 0.5
    loss = gap.clamp(min=0).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    if step % 24 == 0:
        print(f"step {step:4d} hinge {loss.item():.4f} active {(gap > 0).float().mean().item():.2f} "
              f"train {centroid_accuracy(tr):.3f} val {centroid_accuracy(va):.3f}")
