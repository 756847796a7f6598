"""Mood of short messages. Words outside the vector table are dropped before averaging."""
import random

import numpy as np
import torch
from torch import nn

random.seed(3)
np.random.seed(3)
torch.manual_seed(3)

up = "yay love cool nice super happy sweet fun great laugh smile glad".split()
down = "ugh hate sad tired awful angry cry sick lonely bored hurt worst".split()
plain = "i am so the my day at it we today this going home work now just with to be".split()
chat = ["lol", "omg", "brb", "xx", "hmm", "k", "pls", "idk"]

direction = np.random.normal(0, 1, 16)
direction /= np.linalg.norm(direction)
vectors = {w: np.random.normal(0, 0.3, 16) + direction for w in up}
vectors.update({w: np.random.normal(0, 0.3, 16) - direction for w in down})
vectors.update({w: np.random.normal(0, 0.3, 16) for w in plain})


def text(i):
    y = i % 2
    if i % 50 == 17:
        return " ".join(random.choices(chat, k=2)), y
    words = random.choices(plain, k=random.randint(2, 7)) + random.choices(up if y else down, k=random.randint(1, 3)) + random.choices(chat, k=1)
    random.shuffle(words)
    return " ".join(words), y


rows = [text(i) for i in range(900)]
random.shuffle(rows)
train, dev = rows[:600], rows[600:]
index = {w: i + 1 for i, w in enumerate(vectors)}
table = torch.tensor(np.vstack([np.zeros((1, 16)), np.array(list(vectors.values()))]), dtype=torch.float32)


def ids(rows):
    seqs = [[index[w] for w in t.split() if w in index] for t, _ in rows]
    T = max(len(s) for s in seqs)
    return (torch.tensor([s + [0] * (T - len(s)) for s in seqs]), torch.tensor([len(s) for s in seqs], dtype=torch.float32),
            torch.tensor([float(y) for _, y in rows]))


class Mood(nn.Module):
    def __init__(self):
        super().__init__()
        self.vec = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x, n):
        # fault:
        avg = self.vec(x).sum(1) / n.unsqueeze(1)
        # mended:
        # avg = self.vec(x).sum(1) / n.unsqueeze(1).clamp(min=1)
        # end
        return self.net(avg).squeeze(1)


model = Mood()
opt = torch.optim.Adam(model.net.parameters(), lr=0.01)
loss_fn = nn.BCEWithLogitsLoss()
x, n, y = ids(train)
xd, nd, yd = ids(dev)
for epoch in range(8):
    losses = []
    for b in torch.randperm(600).split(20):
        opt.zero_grad()
        loss = loss_fn(model(x[b], n[b]), y[b])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        acc = ((model(xd, nd) > 0) == (yd > 0.5)).float().mean().item()
    print(f"epoch {epoch}: loss {np.mean(losses):.4f} dev {acc:.4f}")
