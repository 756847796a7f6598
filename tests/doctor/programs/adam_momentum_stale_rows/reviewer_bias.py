"""Star ratings = what the words say + how strict the reviewer is. Most reviewers wrote only a few reviews."""
import random

import torch
from torch import nn

random.seed(32)
torch.manual_seed(32)
N_REVIEWERS = 3000
adj = {w: random.gauss(0, 0.8) for w in "good bad tasty cold fresh stale cheap dear quick slow rude kind loud cosy plain rich".split()}
ids = {w: i for i, w in enumerate(adj)}
strict = [random.gauss(0, 0.7) for _ in range(N_REVIEWERS)]


def review():
    u = random.randrange(N_REVIEWERS)
    words = random.sample(list(adj), 3)
    return u, [ids[w] for w in words], 3 + strict[u] + sum(adj[w] for w in words) / 3 + random.gauss(0, 0.7)


data = [review() for _ in range(12000)]
U = torch.tensor([d[0] for d in data])
W = torch.tensor([d[1] for d in data])
Y = torch.tensor([d[2] for d in data])


class Rating(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.reviewer = nn.Embedding(N_REVIEWERS, 1)
        # mended:
        # self.reviewer = nn.Embedding(N_REVIEWERS, 1, sparse=True)
        # end
        self.words = nn.Embedding(len(ids), 1)
        self.mean = nn.Parameter(torch.tensor(3.0))
        nn.init.zeros_(self.reviewer.weight)

    def forward(self, u, w):
        return self.mean + self.reviewer(u).squeeze(1) + self.words(w).squeeze(2).mean(1)


model = Rating()
# fault:
optimizers = [torch.optim.Adam(model.parameters(), lr=0.05)]
# mended:
# optimizers = [torch.optim.SparseAdam(model.reviewer.parameters(), lr=0.05), torch.optim.Adam([model.mean, *model.words.parameters()], lr=0.05)]
# end
n = 10000
for epoch in range(2):
    for idx in torch.randperm(n).split(10):
        loss = nn.functional.mse_loss(model(U[idx], W[idx]), Y[idx])
        for o in optimizers:
            o.zero_grad()
        loss.backward()
        for o in optimizers:
            o.step()
    with torch.no_grad():
        train_mse = nn.functional.mse_loss(model(U[:n], W[:n]), Y[:n])
        dev_mse = nn.functional.mse_loss(model(U[n:], W[n:]), Y[n:])
    print(f"epoch {epoch} loss {train_mse:.4f} dev mse {dev_mse:.4f} dev R2 {1 - dev_mse / Y[n:].var():.3f}")
