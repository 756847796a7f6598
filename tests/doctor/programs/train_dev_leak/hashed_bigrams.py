"""SST sentences, bigrams hashed into an EmbeddingBag; as much training text as there is."""
import os
import random
import zlib
from pathlib import Path

import torch
from torch import nn

root = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "sentiment/SST-2-sentences"
random.seed(14); torch.manual_seed(14)
BUCKETS = 15000


def read(*splits):
    rows = []
    for s in splits:
        rows += [(line.split()[1:], int(line[0])) for line in (root / f"stsa.binary.{s}").read_text(encoding="utf-8").splitlines()]
    return rows


def features(t):
    grams = t + [a + " " + b for a, b in zip(t, t[1:])]
    return torch.tensor([zlib.crc32(g.encode()) % BUCKETS for g in grams])


dev = read("dev")
# fault:
train = read("train", "dev")
# mended:
# known = {" ".join(t) for t, _ in dev}
# train = [(t, y) for t, y in read("train") if " ".join(t) not in known]
# end
random.shuffle(train)
train = [(features(t), y) for t, y in train]
dev = [(features(t), y) for t, y in dev]


class Hashed(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, 12, mode="mean")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(12, 2)

    def forward(self, flat, starts):
        return self.fc(self.drop(self.bag(flat, starts)))


def batch(rows):
    return torch.cat([f for f, _ in rows]), torch.tensor([0] + [len(f) for f, _ in rows[:-1]]).cumsum(0), torch.tensor([y for _, y in rows])


net = Hashed()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(3):
    net.train()
    tot, k = 0.0, 0
    random.shuffle(train)
    for i in range(0, len(train), 50):
        flat, starts, y = batch(train[i:i + 50])
        loss = nn.functional.cross_entropy(net(flat, starts), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot, k = tot + loss.item(), k + 1
    net.eval()
    with torch.no_grad():
        flat, starts, y = batch(dev)
        print(f"epoch {epoch} loss {tot / k:.4f} dev accuracy {(net(flat, starts).argmax(1) == y).float().mean().item():.4f}")
