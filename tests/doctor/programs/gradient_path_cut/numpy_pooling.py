"""Readability grade of school texts; pooled statistics are computed with NumPy."""
import random

import numpy as np
import torch
from torch import nn

random.seed(123)
np.random.seed(123)
torch.manual_seed(123)
EASY = "cat dog run big red sun play ball".split()
MID = "garden journey weather village winter market bridge pencil".split()
HARD = "hypothesis photosynthesis constitution equilibrium metaphor parliament".split()
STOP = "the a and was in to of it".split()
LEVEL = {**{w: 0.0 for w in EASY}, **{w: 1.0 for w in MID}, **{w: 2.5 for w in HARD}}
vocab = {w: i + 1 for i, w in enumerate(list(LEVEL) + STOP)}


def passage():
    words = [random.choice(random.choice([EASY, MID, HARD])) for _ in range(random.randint(2, 5))]
    grade = sum(LEVEL[w] for w in words) / len(words)
    words += random.choices(STOP, k=random.randint(2, 5))
    random.shuffle(words)
    return torch.tensor([vocab[w] for w in words]), grade


class Readability(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 4, padding_idx=0)
        self.out = nn.Linear(8, 1)

    def pool(self, e, mask):
        # fault:
        values, keep = e.detach().numpy(), mask.numpy()
        mean = np.stack([v[k].mean(0) for v, k in zip(values, keep)])
        peak = np.stack([v[k].max(0) for v, k in zip(values, keep)])
        return torch.from_numpy(np.concatenate([mean, peak], axis=1))
        # mended:
        # mean = (e * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
        # peak = e.masked_fill(~mask.unsqueeze(-1), -1e9).amax(1)
        # return torch.cat([mean, peak], dim=1)
        # end

    def forward(self, x):
        return self.out(self.pool(self.emb(x), x != 0)).squeeze(1)


def build(n):
    rows = [passage() for _ in range(n)]
    return nn.utils.rnn.pad_sequence([r for r, _ in rows], batch_first=True), torch.tensor([g for _, g in rows])


x, y = build(1000)
xd, yd = build(300)
model = Readability()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
huber = nn.HuberLoss()
for epoch in range(12):
    for i in torch.randperm(1000).split(40):
        loss = huber(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 3 == 2:
        with torch.no_grad():
            r = np.corrcoef(model(xd).numpy(), yd.numpy())[0, 1]
        print(f"epoch {epoch + 1} loss {loss.item():.4f} dev correlation {r:.4f}")
