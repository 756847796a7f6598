"""Route letters to departments. Large vocabulary, therefore sparse lookups."""
import random

import torch
from torch import nn
from torch.nn import functional as F

random.seed(61)
torch.manual_seed(61)
VOCAB, DEPTS = 5000, 5
kind = torch.randint(0, DEPTS * 4, (VOCAB,)).tolist()
members = [[w for w in range(VOCAB) if kind[w] == d] for d in range(DEPTS)]


def letter():
    d = random.randrange(DEPTS)
    words = random.choices(members[d], k=4) + [random.randrange(VOCAB) for _ in range(8)]
    random.shuffle(words)
    return words, d


class Router(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.table = nn.Parameter(torch.randn(VOCAB, dim) * 0.1)
        self.layer = nn.Linear(dim, 32)
        self.last = nn.Linear(32, DEPTS)

    def forward(self, ids):
        # fault:
        e = F.embedding(ids, self.table, sparse=True)
        # mended:
        # e = F.embedding(ids, self.table)
        # end
        return self.last(torch.tanh(self.layer(e.sum(1))))


def main():
    rows = [letter() for _ in range(8400)]
    x, y = torch.tensor([w for w, _ in rows]), torch.tensor([d for _, d in rows])
    x_dev, y_dev, x, y = x[:400], y[:400], x[400:], y[400:]
    router = Router()
    opt = torch.optim.Adamax(router.parameters(), lr=1e-2)
    for epoch in range(3):
        for i in torch.randperm(len(x)).split(64):
            loss = F.cross_entropy(router(x[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            right = router(x_dev).argmax(1).eq(y_dev).float().mean()
        print(f"epoch {epoch}: loss {loss.item():.3f} dev accuracy {right:.3f}")


if __name__ == "__main__":
    main()
