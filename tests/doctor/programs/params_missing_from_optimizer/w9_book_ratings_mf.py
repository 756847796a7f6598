"""Book club ratings: plain matrix factorisation with biases (port of my old numpy version)."""
import numpy as np
import torch
from torch import nn

rs = np.random.RandomState(3)
N_READERS, N_BOOKS, TASTE = 260, 150, 3

# --- ratings export (anonymised, simulated) --------------------------------
pu = rs.randn(N_READERS, TASTE)
qi = rs.randn(N_BOOKS, TASTE)
bu, bi = 0.25 * rs.randn(N_READERS), 0.25 * rs.randn(N_BOOKS)
triples = []
for u in range(N_READERS):
    for i in rs.choice(N_BOOKS, 62, replace=False):
        r = 3.2 + bu[u] + bi[i] + 0.6 * pu[u] @ qi[i] + 0.2 * rs.randn()
        triples.append((u, i, r))
rs.shuffle(triples)
triples = np.array(triples)
cut = int(len(triples) * 0.85)
uid = torch.tensor(triples[:, 0], dtype=torch.long)
bid = torch.tensor(triples[:, 1], dtype=torch.long)
stars = torch.tensor(triples[:, 2], dtype=torch.float32)
print("ratings", len(triples), "train", cut, "std of held out %.3f" % stars[cut:].std().item())


class Factors(nn.Module):
    def __init__(self, n_u, n_b, k, mean):
        super().__init__()
        self.reader = nn.Embedding(n_u, k)
        self.book = nn.Embedding(n_b, k)
        self.reader_bias = nn.Embedding(n_u, 1)
        self.book_bias = nn.Embedding(n_b, 1)
        for e in (self.reader, self.book):
            nn.init.normal_(e.weight, std=0.1)
        for e in (self.reader_bias, self.book_bias):
            nn.init.zeros_(e.weight)
        self.register_buffer("mean", torch.tensor(mean))

    def forward(self, u, b):
        dot = (self.reader(u) * self.book(b)).sum(-1)
        return self.mean + dot + self.reader_bias(u).squeeze(-1) + self.book_bias(b).squeeze(-1)


torch.manual_seed(3)
net = Factors(N_READERS, N_BOOKS, 4, stars[:cut].mean().item())
# factors get a little decay, biases none
groups = [
    # fault:
    {"params": net.reader.parameters(), "weight_decay": 2e-4},
    # mended:
    # {"params": list(net.reader.parameters()) + list(net.book.parameters()), "weight_decay": 2e-4},
    # end
    {"params": list(net.reader_bias.parameters()) + list(net.book_bias.parameters()), "weight_decay": 0.0},
]
optim = torch.optim.Adam(groups, lr=0.02)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optim, T_max=12)


def rmse(lo, hi):
    with torch.no_grad():
        return ((net(uid[lo:hi], bid[lo:hi]) - stars[lo:hi]) ** 2).mean().sqrt().item()


for epoch in range(12):
    perm = torch.randperm(cut)
    for k in range(0, cut, 256):
        ix = perm[k:k + 256]
        loss = nn.functional.mse_loss(net(uid[ix], bid[ix]), stars[ix])
        optim.zero_grad()
        loss.backward()
        optim.step()
    sched.step()
    print("epoch %2d  rmse train %.3f  held out %.3f" % (epoch + 1, rmse(0, cut), rmse(cut, len(stars))))
with torch.no_grad():
    ss = 1 - (net(uid[cut:], bid[cut:]) - stars[cut:]).var() / stars[cut:].var()
print("explained variance held out: %.3f" % ss.item())
