"""Key-value memory: a key is asked, attention finds its value in a list."""
import random

import torch
import torch.nn as nn

random.seed(202)
torch.manual_seed(202)
ITEMS = "apple pear plum fig kiwi lime date grape melon peach".split()
KEYS = "one two three four".split()
vocab = {w: i for i, w in enumerate(KEYS + ITEMS)}


def example():
    pairs = [(k, random.choice(ITEMS)) for k in random.sample(KEYS, 4)]
    queries = random.sample(KEYS, 1)
    lookup = dict(pairs)
    return [vocab[w] for p in pairs for w in p], [vocab[q] for q in queries], [vocab[lookup[q]] for q in queries]


class Lookup(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d)
        self.memory = nn.GRU(d, d // 2, batch_first=True, bidirectional=True)
        self.key, self.value, self.query = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.out = nn.Linear(d, len(vocab))

    def forward(self, source, asked):
        m, _ = self.memory(self.emb(source))  # (B, 8, d)
        q = self.query(self.emb(asked))  # (B, Q, d)
        scores = q @ self.key(m).transpose(1, 2) / q.size(-1) ** 0.5  # (B, Q, 8)
        # fault:
        weights = torch.softmax(scores, dim=1)
        # mended:
        # weights = torch.softmax(scores, dim=2)
        # end
        return self.out(weights @ self.value(m))


def tensors(n):
    rows = [example() for _ in range(n)]
    return [torch.tensor(part) for part in zip(*rows)]


S, A, T = tensors(3000)
Sd, Ad, Td = tensors(300)
model = Lookup()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(4):
    total = 0.0
    for i in torch.randperm(3000).split(50):
        loss = nn.functional.cross_entropy(model(S[i], A[i]).flatten(0, 1), T[i].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(Sd, Ad).argmax(-1) == Td).float().mean().item()
    print(f"epoch {epoch} loss {total / 60:.4f} accuracy {acc:.4f}")
