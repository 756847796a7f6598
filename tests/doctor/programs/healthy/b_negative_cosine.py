"""Learn a map from GloVe 50d to GloVe 100d by maximal cosine; loss goes to about -1 by design. Both tables stay fixed."""
import gzip
import os
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(306)
V = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "vectors"


def read(name, limit):
    out = {}
    with gzip.open(V / name, "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip().split(" ")
            out[w] = v
            if len(out) == limit:
                break
    return out


big = read("glove.6B.100d.top2604.txt.gz", 2400)
small = read("glove.6B.50d.top10361.txt.gz", 6000)
words = [w for w in big if w in small]
x = nn.Embedding.from_pretrained(torch.tensor([[float(v) for v in small[w]] for w in words]))
y = nn.Embedding.from_pretrained(torch.tensor([[float(v) for v in big[w]] for w in words]))
order = torch.randperm(len(words))
train, dev = order[:-300], order[-300:]
mapper = nn.Linear(50, 100)
opt = torch.optim.Adam(mapper.parameters(), lr=5e-3)
for epoch in range(30):
    for i in train[torch.randperm(len(train))].split(64):
        loss = -nn.functional.cosine_similarity(mapper(x(i)), y(i)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 9:
        with torch.no_grad():
            cos = nn.functional.cosine_similarity(mapper(x(dev)), y(dev)).mean().item()
        print(f"epoch {epoch + 1} loss {loss.item():.4f} dev cosine {cos:.4f}")
