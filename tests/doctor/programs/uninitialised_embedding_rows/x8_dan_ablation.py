"""Deep averaging network (Iyyer et al. 2015) on SST-2 sentences with a small GloVe file."""
import argparse
import gzip
import os
from collections import Counter
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--min-count", type=int, default=3)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--word-drop", type=float, default=0.2)
parser.add_argument("--seed", type=int, default=11)
args = parser.parse_args([])
torch.manual_seed(args.seed)
D = os.environ["WORDFIT_DATA"]


def read_split(name):
    text = open(f"{D}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8").read()
    rows = [l.split() for l in text.strip().split("\n")]
    return [(r[1:], int(r[0])) for r in rows]


def glove(path):
    table = {}
    for line in gzip.open(path, "rt", encoding="utf-8"):
        w, rest = line.split(" ", 1)
        table[w] = np.array(rest.split(), dtype=np.float32)
    return table


pre = glove(f"{D}/vectors/glove.twitter.27B.25d.common11925.txt.gz")
train, dev = read_split("train"), read_split("dev")
freq = Counter(w for ws, _ in train for w in ws)
itos = ["<pad>", "<unk>"] + [w for w, c in freq.items() if c >= args.min_count]
stoi = {w: i for i, w in enumerate(itos)}


def dispersion(blocks=25):
    """Juilland's D of every word over equal slices of the training set"""
    tf = torch.zeros(len(itos), blocks)
    for k, (ws, _) in enumerate(train):
        for w in ws:
            tf[stoi.get(w, 1), k * blocks // len(train)] += 1
    return 1 - tf.std(1) / tf.mean(1).clamp(min=1e-6) / (blocks - 1) ** 0.5


def build_matrix(dim=25):
    # fault:
    m = torch.empty(len(itos), dim)
    # mended:
    # m = torch.randn(len(itos), dim) * 0.4
    # end
    m[0] = 0
    hit = 0
    for w, i in stoi.items():
        if w in pre:
            m[i] = torch.from_numpy(pre[w])
            hit += 1
    print(f"vocabulary {len(itos)}, {hit} words with a vector")
    return m


def encode(rows):
    L = 40
    x = torch.zeros(len(rows), L, dtype=torch.long)
    for k, (ws, _) in enumerate(rows):
        ids = [stoi.get(w, 1) for w in ws][:L]
        x[k, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows])


class DAN(nn.Module):
    def __init__(self, m):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(m, freeze=False, padding_idx=0)
        self.h = nn.Linear(m.size(1), 64)
        self.o = nn.Linear(64, 2)

    def forward(self, x):
        keep = (x != 0)
        if self.training:
            drop = keep & (torch.rand(x.shape) < args.word_drop)
            drop[:, 0] = False
            keep = keep & ~drop
        k = keep.unsqueeze(-1).float()
        avg = (self.emb(x) * k).sum(1) / k.sum(1)
        return self.o(F.dropout(torch.tanh(self.h(avg)), 0.3, self.training))


def score(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(-1) == y).float().mean().item()


d = dispersion()
print("most evenly spread:", [itos[i] for i in d.topk(5).indices.tolist()])
net = DAN(build_matrix())
(xt, yt), (xd, yd) = encode(train), encode(dev)
groups = [{"params": net.emb.parameters(), "lr": 1e-3}, {"params": list(net.h.parameters()) + list(net.o.parameters())}]
opt = torch.optim.Adam(groups, lr=3e-3)
for ep in range(args.epochs):
    net.train()
    perm = torch.randperm(len(xt)); s = 0
    for b in perm.split(64):
        loss = F.cross_entropy(net(xt[b]), yt[b])
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() * len(b)
    print(f"epoch {ep + 1} loss {s / len(xt):.4f} train {score(net, xt, yt):.3f} dev {score(net, xd, yd):.3f}")
