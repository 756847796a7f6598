"""SST-2 sentences, vector file in the layout of the common crawl release."""
import gzip
import os
import random
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn

data = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
random.seed(1); np.random.seed(1); torch.manual_seed(1)


def sentences(split):
    for line in open(data / f"sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8"):
        yield line[2:].split(), int(line[0])


train, dev = list(sentences("train")), list(sentences("dev"))
random.shuffle(train)
train = train[:4500]
needed = {w for toks, _ in train + dev for w in toks}

# our own release: published vectors plus a tail of phrases, the phrases trained on another corpus
release = os.path.join(tempfile.mkdtemp(), "release.txt")
with gzip.open(data / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as src, open(release, "w", encoding="utf-8") as out:
    heads = []
    for line in src:
        out.write(line)
        heads.append(line.split(" ", 1)[0])
    for head in heads:
        if head.isalpha() and random.random() < 0.8:
            out.write(f"{head} {random.choice(heads[:300])} " + " ".join("%.5f" % v for v in np.random.normal(0, 0.6, 50)) + "\n")

index = {}
with open(release, encoding="utf-8") as f:
    for line in f:
        # fault:
        word, *rest = line.split(" ")
        # mended:
        # pieces = line.split(" ")
        # word, rest = " ".join(pieces[:-50]), pieces[-50:]
        # end
        if word in needed:
            index[word] = np.array(rest[-50:], dtype=np.float32)

itos = ["<pad>", "<unk>"] + sorted(index)
stoi = {w: i for i, w in enumerate(itos)}
E = np.stack([np.zeros(50, np.float32), np.mean(list(index.values()), axis=0)] + [index[w] for w in itos[2:]])
print(f"{len(index)} vectors for {len(needed)} words")


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(E), freeze=True, mode="mean", padding_idx=0)
        self.net = nn.Sequential(nn.Linear(50, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 2))

    def forward(self, x):
        return self.net(self.bag(x))


def ids(rows):
    T = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), T, dtype=torch.long)
    for i, (toks, _) in enumerate(rows):
        x[i, :len(toks)] = torch.tensor([stoi.get(w, 1) for w in toks])
    return x, torch.tensor([y for _, y in rows])


x, y = ids(train)
xd, yd = ids(dev)
model = MLP()
opt = torch.optim.Adam(model.net.parameters(), lr=3e-3)
for epoch in range(8):
    model.train()
    total = 0.0
    for b in torch.randperm(len(x)).split(64):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        print(f"epoch {epoch} loss {total / len(x):.4f} dev acc {(model(xd).argmax(1) == yd).float().mean().item():.4f}")
