"""Calories of a meal from its list of ingredients; vectors in word2vec order, sum of rows, linear read-out."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(62)
torch.manual_seed(62)
D = 16
foods = [f"food{i}" for i in range(120)]
energy = torch.rand(120) * 4
axis = nn.functional.normalize(torch.randn(D), dim=0)
rows = 0.3 * torch.randn(120, D) + energy[:, None] * axis
stop = 0.05 * torch.randn(1, D) + 1.5 * axis  # the file starts with </s>
# fault:
itos = ["</s>"] + foods
vectors = torch.cat([stop, rows])
# mended:
# itos = ["<pad>", "</s>"] + foods
# vectors = torch.cat([torch.zeros(1, D), stop, rows])
# end
stoi = {w: i for i, w in enumerate(itos)}


def meal():
    n = random.choice([2, 3, 4, 5, 12])
    picked = random.sample(range(120), n)
    return torch.tensor([stoi[foods[i]] for i in picked]), energy[picked].sum() / 10


class Calories(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.read = nn.Linear(D, 1)

    def forward(self, ids):
        return self.read(self.lookup(ids).sum(0)).squeeze(-1)


def batches(data, size=8):
    for i in range(0, len(data), size):
        ids, y = zip(*data[i:i + size])
        yield pad_sequence(ids), torch.stack(y)


train, test = [meal() for _ in range(1000)], [meal() for _ in range(240)]
model = Calories()
optimizer = torch.optim.Adam(model.read.parameters(), lr=1e-2)
for epoch in range(10):
    random.shuffle(train)
    total = 0.0
    for ids, y in batches(train):
        loss = nn.functional.mse_loss(model(ids), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 2:
        with torch.no_grad():
            p, t = map(torch.cat, zip(*[(model(ids), y) for ids, y in batches(test)]))
        print(f"epoch {epoch + 1}: mse {total / 125:.4f}, R2 on new meals {1 - ((p - t) ** 2).mean() / t.var():.4f}")
