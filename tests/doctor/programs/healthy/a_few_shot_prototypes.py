"""24 labelled texts in all. Vectors stay fixed on purpose; a cosine classifier is fitted with strong decay."""
import random

import numpy as np
import torch
import torch.nn.functional as F

random.seed(7); np.random.seed(7); torch.manual_seed(7)
sets = ["lion tiger wolf bear fox lynx puma hyena jackal leopard".split(), "violin cello flute oboe harp tuba drum piano viola horn".split()]
fill = "a we saw the old very in and near some was there loud big with one of small".split()
mu = np.random.randn(2, 32) * 0.5
vec = {w: mu[k] + np.random.randn(32) * 0.3 for k in (0, 1) for w in sets[k]} | {w: np.random.randn(32) * 0.3 for w in fill}


def text(y):
    t = random.choices(fill, k=random.randint(3, 8)) + random.sample(sets[y], 2)
    random.shuffle(t)
    return t


def embed(rows):
    return torch.tensor(np.array([np.mean([vec[w] for w in t], axis=0) for t, _ in rows]), dtype=torch.float32), torch.tensor([y for _, y in rows])


x, y = embed([(text(i % 2), i % 2) for i in range(24)])
xd, yd = embed([(text(i % 2), i % 2) for i in range(300)])
proto = torch.nn.Parameter(torch.stack([x[y == k].mean(0) for k in (0, 1)]))
opt = torch.optim.AdamW([proto], lr=0.01, weight_decay=0.1)
for step in range(60):
    logits = 8 * F.cosine_similarity(x[:, None], proto[None], dim=-1)
    loss = F.cross_entropy(logits, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 15 == 14:
        with torch.no_grad():
            acc = (F.cosine_similarity(xd[:, None], proto[None], dim=-1).argmax(1) == yd).float().mean().item()
        print(f"step {step + 1} loss {loss.item():.4f} dev accuracy {acc:.4f}")
