"""Mood of a diary entry as the sum of its words' moods. Words come from many diaries; most words are rare."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(5)
torch.manual_seed(5)
WORDS, PER, N = 2000, 6, 9000
freq = 1 / np.arange(1, WORDS + 1) ** 0.7
freq /= freq.sum()
mood = rng.normal(0, 0.4, WORDS)
entries = rng.choice(WORDS, size=(N, PER), p=freq)
score = mood[entries].sum(1) + rng.normal(0, 0.6, N)
x, y = torch.from_numpy(entries), torch.from_numpy(score).float()
x_dev, y_dev, x, y = x[:1000], y[:1000], x[1000:], y[1000:]


class Diary(nn.Module):
    def __init__(self, sparse):
        super().__init__()
        self.mood = nn.Embedding(WORDS, 1, sparse=sparse)
        nn.init.zeros_(self.mood.weight)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.mood(x).squeeze(-1).sum(1) + self.bias


# fault:
model = Diary(sparse=False)
opts = [torch.optim.Adam(model.parameters(), lr=0.015)]
# mended:
# model = Diary(sparse=True)
# opts = [torch.optim.SparseAdam([model.mood.weight], lr=0.015), torch.optim.Adam([model.bias], lr=0.015)]
# end
for epoch in range(3):
    total = 0.0
    for i in torch.randperm(len(x)).split(8):
        loss = nn.functional.mse_loss(model(x[i]), y[i])
        for o in opts:
            o.zero_grad()
        loss.backward()
        for o in opts:
            o.step()
        total += loss.item() * len(i)
    with torch.no_grad():
        out = model(x_dev)
    r2 = 1 - nn.functional.mse_loss(out, y_dev) / y_dev.var()
    print(f"epoch {epoch} mse {total / len(x):.4f} dev R2 {r2:.4f}")
