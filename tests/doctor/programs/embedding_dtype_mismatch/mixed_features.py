"""Word vectors plus hand-made counts, concatenated before a linear layer (SST sentences)."""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

D = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
np.random.seed(0); torch.manual_seed(0)


def read(name):
    return [(line.split()[1:], int(line[0])) for line in (D / f"sentiment/SST-2-sentences/stsa.binary.{name}").read_text(encoding="utf-8").splitlines()]


train, dev = read("train")[::2], read("dev")
vectors = {}
with gzip.open(D / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.split(" ")
        vectors[parts[0]] = np.array(parts[1:], dtype=np.float32)
vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train + dev for w in t if w in vectors}))}
# fault:
E = np.zeros((len(vocab) + 1, 50))
# mended:
# E = np.zeros((len(vocab) + 1, 50), dtype=np.float32)
# end
for w, i in vocab.items():
    E[i] = vectors[w]


class WithCounts(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.as_tensor(E), freeze=True, padding_idx=0)
        self.fc = nn.Sequential(nn.Linear(52, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, x, counts):
        mean = self.emb(x).sum(1) / (x > 0).sum(1, keepdim=True).clamp(min=1)
        return self.fc(torch.cat([mean, counts], dim=1))


def tensors(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t if w in vocab] or [0]) for t, _ in rows], batch_first=True)
    counts = torch.tensor([[len(t) / 20 - 1, sum(w in ("not", "n't", "no", "never") for w in t)] for t, _ in rows], dtype=torch.float32)
    return x, counts, torch.tensor([y for _, y in rows])


x, c, y = tensors(train)
dx, dc, dy = tensors(dev)
net = WithCounts()
opt = torch.optim.Adam(net.fc.parameters(), lr=4e-3)
for epoch in range(8):
    total = 0
    for b in torch.randperm(len(y)).split(40):
        loss = nn.functional.cross_entropy(net(x[b], c[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b) / len(y)
    with torch.no_grad():
        print(f"epoch {epoch} loss {total:.4f} dev {(net(dx, dc).argmax(1) == dy).float().mean().item():.4f}")
