"""Predict blanked words of short slogans: only blanked places count, the mean is taken over them by hand."""
import random

import torch
from torch import nn

random.seed(53)
torch.manual_seed(53)
NOUN, VERB, ADJ = [f"n{i}" for i in range(12)], [f"v{i}" for i in range(12)], [f"a{i}" for i in range(12)]
vocab = {w: i + 2 for i, w in enumerate(NOUN + VERB + ADJ)}
MASK = 1


def slogan():
    k = random.randrange(4)
    pick = lambda ws: vocab[ws[3 * k + random.randrange(3)]]
    return [pick(ADJ), pick(NOUN), pick(VERB), pick(NOUN)]


texts = torch.tensor([slogan() for _ in range(1200)])


class Filler(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.word = nn.Embedding(len(vocab) + 2, dim)
        self.place = nn.Parameter(torch.randn(4, dim) * 0.1)
        self.mix = nn.TransformerEncoderLayer(dim, 2, 64, dropout=0.0, batch_first=True)
        self.out = nn.Linear(dim, len(vocab) + 2)

    def forward(self, x):
        return self.out(self.mix(self.word(x) + self.place))


model = Filler()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(6):
    for i in torch.randperm(len(texts)).split(4):
        y = texts[i]
        blank = torch.rand(y.shape) < 0.15
        x = y.masked_fill(blank, MASK)
        each = nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="none").view_as(y)
        # fault:
        loss = (each * blank).sum() / blank.sum()
        # mended:
        # loss = (each * blank).sum() / blank.sum().clamp(min=1)
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
