# coding: utf-8
# SICK relatedness: how close are two sentences (1..5)?  Notebook exported as a script.

# In[1]:
import gzip, os, random, re
import numpy as np
import torch
from torch import nn, optim

data = os.environ["WORDFIT_DATA"]
torch.manual_seed(42); random.seed(42)


# In[2]:
def load(name):
    with open(f"{data}/glue/SICK/SICK_{name}.txt", encoding="utf-8") as f:
        next(f)
        for line in f:
            _, a, b, score, _ = line.rstrip("\n").split("\t")
            yield re.findall(r"[a-z]+", a.lower()), re.findall(r"[a-z]+", b.lower()), float(score)

train, trial = list(load("train")), list(load("trial"))
print(len(train), "training pairs,", len(trial), "trial pairs")


# In[3]:
need = {w for a, b, _ in train + trial for w in a + b}
glove = {}
with gzip.open(f"{data}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in need:
            glove[w] = np.array(rest.split(), dtype=np.float32)
zero = np.zeros(50, np.float32)

def sent(tokens):
    return np.mean([glove.get(t, zero) for t in tokens] or [zero], axis=0)

def features(a, b):
    u, v = sent(a), sent(b)
    A, B = set(a), set(b)
    neg = lambda s: float(bool(s & {"no", "not", "nobody", "none"}))
    extra = [len(A & B) / len(A | B), abs(len(a) - len(b)) / 10, abs(neg(A) - neg(B)),
             float(u @ v / (np.linalg.norm(u) * np.linalg.norm(v) + 1e-8))]
    return np.concatenate([np.abs(u - v), u * v, extra]).astype(np.float32)

def tensors(rows):
    return (torch.from_numpy(np.stack([features(a, b) for a, b, _ in rows])),
            torch.tensor([s for _, _, s in rows]))

X, y = tensors(train)
Xd, yd = tensors(trial)
mu, sd = X.mean(0), X.std(0) + 1e-6
X, Xd = (X - mu) / sd, (Xd - mu) / sd


# In[4]:
net = nn.Sequential(nn.Linear(X.shape[1], 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1))
net[-1].bias.data.fill_(y.mean().item())
opt = optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)

def huber(pred, gold, delta=1.0):
    # fault:
    d = (pred - gold).abs()
    # mended:
    # d = (pred.squeeze(-1) - gold).abs()
    # end
    return torch.where(d < delta, 0.5 * d * d, delta * (d - 0.5 * delta)).mean()

def pearson(a, b):
    a, b = a - a.mean(), b - b.mean()
    return (a @ b / (a.norm() * b.norm() + 1e-9)).item()


# In[5]:
for epoch in range(20):
    net.train()
    seen = []
    for idx in torch.randperm(len(X)).split(64):
        opt.zero_grad()
        loss = huber(net(X[idx]), y[idx])
        loss.backward()
        opt.step()
        seen.append(loss.item())
    if epoch % 4 == 3:
        net.eval()
        with torch.no_grad():
            p = net(Xd).flatten()
        print(f"epoch {epoch + 1:2d}  train {np.mean(seen):.4f}  trial pearson {pearson(p, yd):.3f}  mse {((p - yd) ** 2).mean().item():.3f}"
              f"  predicted {p.min().item():.2f}..{p.max().item():.2f}")
