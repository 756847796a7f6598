"""Pilot study: 60 coded interview answers, vectors from a large corpus of interviews. Which of three themes?"""
import random

import numpy as np
import torch
from torch import nn

random.seed(72)
np.random.seed(72)
torch.manual_seed(72)
THEMES = ["work", "family", "health"]
content = [f"c{i}" for i in range(150)]
theme = {w: i % 3 for i, w in enumerate(content)}
talk = [f"t{i}" for i in range(250)]
mu = np.random.randn(3, 25)
with open("interviews.vec", "w") as f:
    for w in content:
        f.write(w + " " + " ".join(f"{v:.3f}" for v in 1.2 * mu[theme[w]] + 0.6 * np.random.randn(25)) + "\n")
    for w in talk:
        f.write(w + " " + " ".join(f"{v:.3f}" for v in 0.6 * np.random.randn(25)) + "\n")


def answer():
    k = random.randrange(3)
    other = random.choice([w for w in content if theme[w] != k])
    t = random.sample([w for w in content if theme[w] == k], 2) + random.choice([[], [other]]) + random.choices(talk, k=random.randint(10, 24))
    random.shuffle(t)
    return t, k


train = [answer() for _ in range(60)]
dev = [answer() for _ in range(400)]
stoi, rows = {"<pad>": 0}, [np.zeros(25)]
for line in open("interviews.vec"):
    w, *v = line.split()
    stoi[w] = len(rows)
    rows.append(np.array(v, dtype=float))


class Coder(nn.Module):
    def __init__(self, table):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        # end
        self.out = nn.Linear(25, 3)

    def forward(self, x):
        return self.out(self.emb(x).sum(1) / (x > 0).sum(1, keepdim=True))


def tensors(data):
    return nn.utils.rnn.pad_sequence([torch.tensor([stoi[w] for w in t]) for t, _ in data], batch_first=True), torch.tensor([k for _, k in data])


model = Coder(torch.tensor(np.stack(rows), dtype=torch.float32))
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-2)
x, y = tensors(train)
xd, yd = tensors(dev)
for epoch in range(40):
    for b in torch.randperm(len(x)).split(10):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            z, zd = model(x), model(xd)
        print(f"epoch {epoch + 1} train {(z.argmax(1) == y).float().mean():.3f} loss {loss.item():.4f} "
              f"dev loss {nn.functional.cross_entropy(zd, yd).item():.4f} dev accuracy {(zd.argmax(1) == yd).float().mean():.4f}")
