# One score per word so that a note's star value is the sum of its words' scores.
# The log is read in order, shop by shop; every shop has a jargon of its own.
import numpy as np
import torch
from torch import nn

rs = np.random.RandomState(5)
torch.manual_seed(5)

SHOPS, JARGON, NOTES, HELD, BATCH = 50, 30, 192, 30, 24
true_score = rs.randn(SHOPS * JARGON)
ids = rs.randint(0, JARGON, size=(SHOPS, NOTES + HELD, 3)) + np.arange(SHOPS)[:, None, None] * JARGON
stars = true_score[ids].sum(-1) + 0.2 * rs.randn(SHOPS, NOTES + HELD)
ids = torch.tensor(ids)
stars = torch.tensor(stars, dtype=torch.float32)


class ScoreTable(nn.Module):
    def __init__(self, n, sparse):
        super().__init__()
        self.table = nn.Embedding(n, 1, sparse=sparse)
        nn.init.zeros_(self.table.weight)

    def forward(self, x):
        return self.table(x).squeeze(-1).sum(-1)


# fault:
net = ScoreTable(SHOPS * JARGON, sparse=False)
opt = torch.optim.Adam(net.parameters(), lr=0.04)
# mended:
# net = ScoreTable(SHOPS * JARGON, sparse=True)
# opt = torch.optim.SparseAdam(list(net.parameters()), lr=0.04)
# end


def stream():
    for shop in range(SHOPS):
        for a in range(0, NOTES, BATCH):
            yield ids[shop, a:a + BATCH], stars[shop, a:a + BATCH]


def r2(part):
    with torch.no_grad():
        err = (net(ids[:, part]) - stars[:, part]).pow(2).mean()
    return 1 - (err / stars[:, part].var()).item()


LAST = 6
for p in range(LAST):
    opt.param_groups[0]["lr"] = 0.04 * (1 - 0.5 * p / LAST)
    losses = []
    for x, y in stream():
        loss = (net(x) - y).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"pass {p}: mse {np.mean(losses):.3f}  R2 train {r2(slice(0, NOTES)):.3f}  "
          f"R2 held out {r2(slice(NOTES, None)):.3f}")
