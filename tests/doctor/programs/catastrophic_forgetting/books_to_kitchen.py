"""Sentiment of reviews: trained on books, used on kitchen goods, whose adjectives are others (same vectors)."""
import random

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

random.seed(28)
np.random.seed(28)
torch.manual_seed(28)
D = 50
positive = [f"good{i}" for i in range(160)]
negative = [f"bad{i}" for i in range(160)]
neutral = [f"word{i}" for i in range(120)]
axis = np.random.randn(D)
axis *= 0.7 / np.linalg.norm(axis)
with open("vectors.txt", "w") as f:
    for ws, sign in ((positive, 1), (negative, -1), (neutral, 0)):
        for w in ws:
            f.write(w + " " + " ".join(f"{v:.4f}" for v in sign * axis + np.random.randn(D) * 0.4) + "\n")
book_words = (positive[:80], negative[:80])
kitchen_words = (positive[80:], negative[80:])


def review(words):
    y = random.randrange(2)
    text = random.choices(words[1 - y], k=3) + random.choices(words[y], k=1) + random.choices(neutral, k=5)
    random.shuffle(text)
    return tuple(text), y


books = sorted({review(book_words) for _ in range(700)})
random.shuffle(books)
kitchen = sorted({review(kitchen_words) for _ in range(500)})
stoi, rows = {}, []
for line in open("vectors.txt"):
    w, *v = line.split()
    stoi[w] = len(stoi)
    rows.append([float(x) for x in v])
vectors = torch.tensor(rows)


class Sentiment(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding.from_pretrained(vectors, freeze=False)
        # mended:
        # self.embedding = nn.Embedding.from_pretrained(vectors, freeze=True)
        # end
        self.out = nn.Linear(D, 2)

    def forward(self, x):
        return self.out(self.embedding(x).mean(1))


def tensors(part):
    return torch.tensor([[stoi[w] for w in t] for t, _ in part]), torch.tensor([y for _, y in part])


x, y = tensors(books[:400])
held, held_y = tensors(books[400:])
xk, yk = tensors(kitchen)
model = Sentiment()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-2)
for epoch in range(40):
    for idx in torch.randperm(len(x)).split(30):
        loss = F.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 5 != 4:
        continue
    with torch.no_grad():
        b, k = [(model(a).argmax(1) == t).float().mean().item() for a, t in ((held, held_y), (xk, yk))]
    print(f"epoch {epoch + 1:2d} loss {loss.item():.4f} books {b:.3f} kitchen {k:.3f}")
