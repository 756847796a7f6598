"""word2vec from scratch (skip-gram, negative sampling) on a made-up language with ten themes."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(6)
rng = np.random.default_rng(6)
THEMES, PER, DIM, NEG = 10, 20, 24, 5
V = THEMES * PER
theme_of = np.repeat(np.arange(THEMES), PER)

# every sentence is about one theme, one word in five comes from elsewhere
S, L = 3000, 8
about = rng.integers(0, THEMES, S)
text = about[:, None] * PER + rng.integers(0, PER, (S, L))
stray = rng.random((S, L)) < 0.2
text[stray] = rng.integers(0, V, stray.sum())


def pairs(sentences, window=2):
    out = []
    for off in range(1, window + 1):
        a, b = sentences[:, :-off].ravel(), sentences[:, off:].ravel()
        out += [np.stack([a, b], 1), np.stack([b, a], 1)]
    return torch.from_numpy(np.concatenate(out))


train, dev = pairs(text[:2600]), pairs(text[2600:])
freq = torch.bincount(train[:, 0], minlength=V).float() ** 0.75


class SGNS(nn.Module):
    def __init__(self):
        super().__init__()
        self.center = nn.Embedding(V, DIM, sparse=True)
        self.context = nn.Embedding(V, DIM, sparse=True)
        nn.init.uniform_(self.center.weight, -0.5 / DIM, 0.5 / DIM)
        nn.init.zeros_(self.context.weight)          # as in the C program

    def forward(self, c, o):
        neg = torch.multinomial(freq, len(c) * NEG, replacement=True).view(-1, NEG)
        v = self.center(c)
        good = (v * self.context(o)).sum(1)
        bad = torch.bmm(self.context(neg), v.unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(good) + F.logsigmoid(-bad).sum(1)).mean()


model = SGNS()
opt = torch.optim.SparseAdam(list(model.parameters()), lr=0.01)


def purity():
    w = F.normalize(model.center.weight.detach(), dim=1)
    sim = w @ w.t()
    sim.fill_diagonal_(-1)
    near = sim.topk(5, dim=1).indices.numpy()
    return (theme_of[near] == theme_of[:, None]).mean()


for epoch in range(3):
    total, n = 0.0, 0
    for b in torch.randperm(len(train)).split(512):
        loss = model(train[b, 0], train[b, 1])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
        n += 1
    with torch.no_grad():
        held = model(dev[:, 0], dev[:, 1]).item()
    print(f"epoch {epoch + 1}: sgns loss {total / n:.4f}  held-out {held:.4f}  neighbours of the same theme {purity():.3f}")
