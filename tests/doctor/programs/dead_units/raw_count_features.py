"""Text features next to word vectors: length in characters, year and page count, all as they come."""
import random

import torch
from torch import nn

random.seed(234)
torch.manual_seed(234)
FIELD = {"law": "court appeal statute".split(), "art": "canvas sculpture museum".split(), "sport": "league goal coach".split(), "food": "recipe oven flavour".split()}
WORDS = "on the new study of modern and early in essays".split()
vocab = {w: i + 1 for i, w in enumerate(WORDS + [w for f in FIELD.values() for w in f])}


def record():
    y = random.randrange(4)
    words = random.choices(WORDS, k=random.randint(2, 5)) + random.choices(list(FIELD.values())[y], k=2)
    random.shuffle(words)
    meta = [float(sum(map(len, words))), float(random.randint(1950, 2020)), float(random.randint(80, 600))]
    return torch.tensor([vocab[w] for w in words]), torch.tensor(meta), y


rows = [record() for _ in range(1800)]
X = nn.utils.rnn.pad_sequence([r[0] for r in rows], batch_first=True)
M = torch.stack([r[1] for r in rows])
Y = torch.tensor([r[2] for r in rows])
# fault:
# mended:
# M = (M - M[:1500].mean(0)) / M[:1500].std(0)
# end


class Library(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(vocab) + 1, 16, padding_idx=0)
        self.hidden = nn.Linear(19, 24)
        nn.init.uniform_(self.hidden.weight, -0.2, 0.05)
        self.out = nn.Linear(24, 4)

    def forward(self, x, meta):
        return self.out(torch.relu(self.hidden(torch.cat([self.emb(x), meta], 1))))


model = Library()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    for i in torch.randperm(1500).split(30):
        loss = nn.functional.cross_entropy(model(X[i], M[i]), Y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(X[1500:], M[1500:]).argmax(1) == Y[1500:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {acc:.4f}")
