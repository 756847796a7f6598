"""Which pieces does a choir sing?  Matrix factorisation on programme books (implicit data, sampled negatives).

Large id tables have sparse gradients, hence SparseAdam for these and plain Adam for the small dense tower."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(8)
torch.manual_seed(8)
N_CHOIR, N_PIECE, GENRES = 300, 200, 6

taste = rng.dirichlet(np.ones(GENRES) * .1, N_CHOIR)
genre = rng.integers(GENRES, size=N_PIECE)
sung = []
for c in range(N_CHOIR):
    p = taste[c][genre] + .002
    sung.append(rng.choice(N_PIECE, size=26, replace=False, p=p / p.sum()))
train = np.array([(c, s) for c in range(N_CHOIR) for s in sung[c][:-4]])
test = [(c, sung[c][-4:]) for c in range(N_CHOIR)]


class TwoTables(nn.Module):
    def __init__(self, d=10):
        super().__init__()
        self.choir = nn.Embedding(N_CHOIR, d, sparse=True)
        self.piece = nn.Embedding(N_PIECE, d, sparse=True)
        nn.init.normal_(self.choir.weight, std=.1)
        nn.init.normal_(self.piece.weight, std=.1)
        self.tower = nn.Linear(d, 1)

    def forward(self, c, s):
        return self.tower(self.choir(c) * self.piece(s)).squeeze(-1)


m = TwoTables()
sparse_opt = torch.optim.SparseAdam([m.choir.weight, m.piece.weight], lr=1.5e-2)
dense_opt = torch.optim.Adam(m.tower.parameters(), lr=1e-2)
own = torch.zeros(N_CHOIR, N_PIECE, dtype=torch.bool)
own[train[:, 0], train[:, 1]] = True
train = torch.from_numpy(train)


def evaluate():
    with torch.no_grad():
        everyone = torch.arange(N_CHOIR).repeat_interleave(N_PIECE)
        score = m(everyone, torch.arange(N_PIECE).repeat(N_CHOIR)).view(N_CHOIR, N_PIECE)
        score[own] = -1e9                                # already in the books
    hit, auc = 0, []
    for c, gold in test:
        top = set(score[c].topk(30).indices.tolist())
        hit += len(top & set(gold.tolist()))
        rest = torch.ones(N_PIECE, dtype=torch.bool)
        rest[own[c]] = False
        rest[gold] = False
        auc.append((score[c][gold][:, None] > score[c][rest][None, :]).float().mean().item())
    return hit / (4 * len(test)), np.mean(auc)


for epoch in range(6):
    tot = 0.
    for chunk in train[torch.randperm(len(train))].split(128):
        c, s = chunk[:, 0], chunk[:, 1]
        neg = torch.randint(N_PIECE, (len(c), 3))
        pos_score = m(c, s)
        neg_score = m(c.repeat_interleave(3), neg.view(-1)).view(-1, 3)
        loss = -(nn.functional.logsigmoid(pos_score) + nn.functional.logsigmoid(-neg_score).sum(1)).mean()
        sparse_opt.zero_grad()
        dense_opt.zero_grad()
        loss.backward()
        sparse_opt.step()
        dense_opt.step()
        tot += loss.item() * len(c)
    print("epoch %d   logistic loss %.3f   recall@30 %.3f   auc %.3f" % (epoch + 1, tot / len(train), *evaluate()))
