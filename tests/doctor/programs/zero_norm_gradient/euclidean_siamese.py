"""Contrastive training of sentence vectors; some pairs are literally the same sentence."""
import random

import torch
from torch import nn

random.seed(116)
torch.manual_seed(116)
SYN = {"big": "large", "happy": "glad", "fast": "quick", "begin": "start", "boat": "ship", "road": "street", "gift": "present", "angry": "mad"}
FRAME = "the a we they saw it was very there with".split()
vocab = {w: i + 1 for i, w in enumerate(list(SYN) + list(SYN.values()) + FRAME)}


def pair():
    a = random.choices(FRAME, k=random.randint(2, 3)) + random.sample(list(SYN), 2)
    same = random.randint(0, 1)
    if same:
        b = [SYN[w] if w in SYN and random.random() < 0.6 else w for w in a]
    else:
        b = a[:-2] + random.sample([w for w in SYN if w not in a], 2)
    return a, b, same


def tensorize(rows):
    out = []
    for k in (0, 1):
        out.append(nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in r[k]]) for r in rows], batch_first=True))
    return out[0], out[1], torch.tensor([float(r[2]) for r in rows])


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.lin = nn.Linear(24, 24)

    def forward(self, x):
        return self.lin(self.emb(x).sum(1))


def contrastive(u, v, same, margin=2.0):
    # fault:
    dist = ((u - v) ** 2).sum(1).sqrt()
    # mended:
    # dist = (((u - v) ** 2).sum(1) + 1e-9).sqrt()
    # end
    return (same * dist**2 + (1 - same) * torch.relu(margin - dist) ** 2).mean()


a, b, y = tensorize([pair() for _ in range(1600)])
da, db, dy = tensorize([pair() for _ in range(400)])
enc = Encoder()
opt = torch.optim.Adam(enc.parameters(), lr=3e-3)
for epoch in range(6):
    total = 0.0
    for i in torch.randperm(1600).split(40):
        loss = contrastive(enc(a[i]), enc(b[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        close = (enc(da) - enc(db)).norm(dim=1) < 1.0
    print(f"epoch {epoch} loss {total / 40:.4f} dev accuracy {(close == (dy > 0)).float().mean():.4f}")
