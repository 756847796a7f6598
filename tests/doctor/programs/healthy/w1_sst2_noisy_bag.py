# SST-2 with frozen GloVe: words are dropped at random while training (30 %), three epochs, logistic regression on mean and spread
import csv
import gzip
import os
import random

import torch
from torch import nn

R = os.environ["WORDFIT_DATA"]
random.seed(137)
torch.manual_seed(137)


def sst(name):
    with open(f"{R}/glue/SST-2/{name}.tsv", encoding="utf-8", newline="") as f:
        return [(r["sentence"].split(), int(r["label"])) for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]


train, dev = random.sample(sst("train"), 16000), sst("dev")
itos, rows = [], []
with gzip.open(f"{R}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        itos.append(w)
        rows.append([float(z) for z in v])
stoi = {w: i for i, w in enumerate(itos)}
glove = torch.tensor(rows)
known = lambda data: [(torch.tensor([stoi[w] for w in s if w in stoi]), y) for s, y in data]
train = [(s, y) for s, y in known(train) if len(s)]
dev = known(dev)
print(len(train), "phrases,", len(dev), "sentences,", sum(len(s) == 0 for s, _ in dev), "of them without a known word")


class NoisyBag(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("glove", glove)
        self.norm = nn.BatchNorm1d(100, affine=False)
        self.lin = nn.Linear(100, 1)

    def features(self, ids):
        if self.training:
            keep = torch.rand(len(ids)) > 0.3
            ids = ids[keep] if keep.any() else ids[:1]
        if len(ids) == 0:
            return torch.zeros(100)
        e = self.glove[ids]
        return torch.cat([e.mean(0), e.var(0, unbiased=False)])

    def forward(self, texts):
        return self.lin(self.norm(torch.stack([self.features(t) for t in texts])))[:, 0]


def accuracy(model, data):
    model.eval()
    with torch.no_grad():
        z = model([s for s, _ in data])
    return ((z > 0).long() == torch.tensor([y for _, y in data])).float().mean().item()


model = NoisyBag()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(3):
    random.shuffle(train)
    for k in range(0, len(train), 64):
        model.train()
        part = train[k:k + 64]
        loss = nn.functional.binary_cross_entropy_with_logits(model([s for s, _ in part]), torch.tensor([float(y) for _, y in part]))
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"epoch {epoch + 1} last batch {loss.item():.3f} train sample {accuracy(model, train[:1000]):.3f} dev {accuracy(model, dev):.3f} (positive: {sum(y for _, y in dev) / len(dev):.3f})")
