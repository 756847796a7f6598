"""Rating from a review with an encoder and a head that have optimisers of their own."""
import random

import torch
from torch import nn

random.seed(50)
torch.manual_seed(50)
scale = {"awful": -2, "bad": -1, "weak": -1, "good": 1, "solid": 1, "superb": 2}
plain = "the film was plot acting and with scenes of a its music overall".split()
v = {w: i + 1 for i, w in enumerate(list(scale) + plain)}


def review():
    t = random.choices(plain, k=random.randint(5, 12))
    for w in random.choices(list(scale), k=random.randint(1, 3)):
        t.insert(random.randrange(len(t)), w)
    return t, sum(scale.get(w, 0) for w in t) / 2


def prepare(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([v[w] for w in t]) for t, _ in rows], batch_first=True)
    n = torch.tensor([len(t) for t, _ in rows])
    return x, n, torch.tensor([s for _, s in rows])


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(v) + 1, 24, padding_idx=0)
        self.gru = nn.GRU(24, 32, batch_first=True)

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        return self.gru(p)[1][-1]


encoder, head = Encoder(), nn.Linear(32, 1)
opt_enc = torch.optim.Adam(encoder.parameters(), lr=3e-3)
opt_head = torch.optim.SGD(head.parameters(), lr=2e-2, momentum=0.9)
x, n, y = prepare([review() for _ in range(1000)])
xv, nv, yv = prepare([review() for _ in range(300)])
for epoch in range(6):
    total = 0.0
    for b in torch.randperm(1000).split(25):
        loss = nn.functional.mse_loss(head(encoder(x[b], n[b])).squeeze(1), y[b])
        opt_enc.zero_grad()
        # fault:
        # mended:
        # opt_head.zero_grad()
        # end
        loss.backward()
        opt_enc.step()
        opt_head.step()
        total += loss.item()
    with torch.no_grad():
        err = nn.functional.mse_loss(head(encoder(xv, nv)).squeeze(1), yv).item()
    print(f"epoch {epoch}: train mse {total / 40:.3f}, validation mse {err:.3f} (variance {yv.var():.3f})")
