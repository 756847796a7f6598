"""
Playlist recommender: BPR on implicit feedback.

Rows of the two tables get sparse gradients (SparseAdam), the item bias and the scale are dense (Adam).
"""
import numpy as np
import torch
import torch.nn as nn

N_USER, N_ITEM, RANK = 400, 150, 3


def plays(rs):
    taste = rs.randn(N_USER, 3)
    song = rs.randn(N_ITEM, 3)
    fame = rs.randn(N_ITEM) * 0.8
    logit = 2.2 * taste @ song.T + fame - 1.2
    heard = rs.rand(N_USER, N_ITEM) < 1 / (1 + np.exp(-logit))
    test = heard & (rs.rand(N_USER, N_ITEM) < 0.15)
    return heard & ~test, test, heard


class Factors(nn.Module):
    def __init__(self):
        super().__init__()
        self.user = nn.Embedding(N_USER, RANK, sparse=True)
        self.item = nn.Embedding(N_ITEM, RANK, sparse=True)
        for e in (self.user, self.item):
            nn.init.normal_(e.weight, std=0.3)
        self.bias = nn.Parameter(torch.zeros(N_ITEM))
        self.gain = nn.Parameter(torch.ones(()))

    def forward(self, u, i):
        return self.gain * (self.user(u) * self.item(i)).sum(-1) + self.bias[i]

    def full(self):
        return self.gain * self.user.weight @ self.item.weight.T + self.bias


class BPR:
    def __init__(self, seen, rs, batch=512):
        self.seen, self.rs, self.batch = seen, rs, batch
        self.u, self.i = np.nonzero(seen)

    def __iter__(self):
        order = self.rs.permutation(len(self.u))
        for s in range(0, len(order), self.batch):
            k = order[s:s + self.batch]
            u, i = self.u[k], self.i[k]
            j = self.rs.randint(N_ITEM, size=len(k))
            bad = self.seen[u, j]
            while bad.any():                       # draw again where the "negative" was played
                j[bad] = self.rs.randint(N_ITEM, size=bad.sum())
                bad = self.seen[u, j]
            yield tuple(torch.from_numpy(a.astype(np.int64)) for a in (u, i, j))


def auc(model, pos, heard, rs):
    """chance that a played song is ranked over one that was never played"""
    with torch.no_grad():
        s = model.full().numpy()
    u, i = np.nonzero(pos)
    wins = []
    for _ in range(5):
        j = rs.randint(N_ITEM, size=len(u))
        ok = ~heard[u, j]
        wins.append((s[u[ok], i[ok]] > s[u[ok], j[ok]]).mean())
    return float(np.mean(wins))


def main():
    rs = np.random.RandomState(12)
    torch.manual_seed(12)
    seen, held, heard = plays(rs)
    print(f"{seen.sum()} plays to train on, {held.sum()} held out")
    model, data = Factors(), BPR(seen, rs)
    rows = torch.optim.SparseAdam([model.user.weight, model.item.weight], lr=6e-2)
    rest = torch.optim.Adam([model.bias, model.gain], lr=5e-3)
    for epoch in range(9):
        for opt in (rows, rest):
            for g in opt.param_groups:
                g["lr"] *= 0.7
        tot = n = 0
        for u, i, j in data:
            diff = model(u, i) - model(u, j)
            loss = -nn.functional.logsigmoid(diff).mean()
            rows.zero_grad(); rest.zero_grad()
            loss.backward()
            rows.step(); rest.step()
            tot += loss.item(); n += 1
        print(f"{epoch} bpr {tot / n:.4f} AUC train {auc(model, seen, heard, rs):.3f} held out {auc(model, held, heard, rs):.3f}")


if __name__ == "__main__":
    main()
