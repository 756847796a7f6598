"""
Fine-tuning GloVe-Twitter (25d) on SST-2 phrases with a fastText-like bag.
Two parameter groups: the vectors get a learning rate of their own.
"""
import gzip
import os
import numpy as np
import torch
from torch import nn

SEED = 2021
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
D = os.environ["WORDFIT_DATA"]


def vectors():
    words, mat = [], []
    for line in gzip.open(D + "/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf8"):
        p = line.split()
        words.append(p[0])
        mat.append(np.array(p[1:], dtype="f4"))
    return {w: i for i, w in enumerate(words)}, torch.from_numpy(np.stack(mat))


def sst(name):
    for line in open(f"{D}/glue/SST-2/{name}.tsv", encoding="utf8").read().splitlines()[1:]:
        text, lab = line.rsplit("\t", 1)
        yield [index[w] for w in text.split() if w in index], int(lab)


class Bag(nn.Module):
    """mean of the word vectors -> hidden -> 1; the vectors are trained along with the rest"""

    def __init__(self, pretrained):
        super().__init__()
        # fault:
        self.vec = nn.EmbeddingBag.from_pretrained(pretrained, mode="mean")
        # mended:
        # self.vec = nn.EmbeddingBag.from_pretrained(pretrained, freeze=False, mode="mean")
        # end
        self.mlp = nn.Sequential(nn.Dropout(0.2), nn.Linear(pretrained.shape[1], 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, flat, offsets):
        return self.mlp(self.vec(flat, offsets)).squeeze(1)


def batches(rows, size, shuffle):
    order = rng.permutation(len(rows)) if shuffle else np.arange(len(rows))
    for i in range(0, len(rows), size):
        part = [rows[j] for j in order[i:i + size]]
        lens = [len(r) for r, _ in part]
        yield (torch.tensor([t for r, _ in part for t in r]), torch.tensor([0] + lens[:-1]).cumsum(0),
               torch.tensor([float(y) for _, y in part]))


def accuracy(model, rows):
    model.eval()
    with torch.no_grad():
        hits = [((model(f, o) > 0).float() == y).float() for f, o, y in batches(rows, 500, False)]
    return torch.cat(hits).mean().item()


index, table = vectors()
train = [r for r in sst("train") if len(r[0]) > 6]
train = [train[i] for i in rng.permutation(len(train))[:18000]]
dev = [r for r in sst("dev") if r[0]]
model = Bag(table)
opt = torch.optim.Adam([
    {"params": model.vec.parameters(), "lr": 1.3e-3},      # fine-tune the vectors
    {"params": model.mlp.parameters(), "lr": 3e-3},
])
lossf = nn.BCEWithLogitsLoss()
for epoch in range(3):
    model.train()
    tot = []
    for f, o, y in batches(train, 100, True):
        loss = lossf(model(f, o), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot.append(loss.item())
    print(f"[{epoch}] loss={np.mean(tot):.4f} train={accuracy(model, train[:3000]):.4f} dev={accuracy(model, dev):.4f}")
