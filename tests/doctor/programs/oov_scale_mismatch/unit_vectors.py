"""Movie sentences on GloVe brought to unit length; words without a vector get one of their own."""
import gzip
import os
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(37)
data = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
glove = {}
with gzip.open(data / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        k = line.index(" ")
        glove[line[:k]] = line[k + 1 :]
read = lambda split: [(l[2:].split(), int(l[0])) for l in open(data / f"sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8")]
train, dev = read("train"), read("dev")
vocab = {"<pad>": 0}
for t, _ in train + dev:
    for w in t:
        vocab.setdefault(w, len(vocab))
known = [w for w in vocab if w in glove]
# fault:
weight = torch.randn(len(vocab), 50)
# mended:
# weight = torch.randn(len(vocab), 50) / 50**0.5
# end
weight[0] = 0
weight[[vocab[w] for w in known]] = F.normalize(torch.tensor([[float(v) for v in glove[w].split()] for w in known]), dim=1)


def tensors(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


class Sentence(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.fc1, self.fc2 = nn.Linear(50, 40), nn.Linear(40, 2)

    def forward(self, x):
        mean = self.emb(x).sum(1) / (x > 0).sum(1, keepdim=True)
        return self.fc2(torch.relu(self.fc1(4 * mean)))


x, y = tensors(train)
xd, yd = tensors(dev)
model = Sentence()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
for epoch in range(6):
    for b in torch.randperm(len(y)).split(64):
        loss = F.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        p = model(xd)
        print(f"epoch {epoch} loss {loss.item():.3f} dev loss {F.cross_entropy(p, yd):.3f} accuracy {(p.argmax(1) == yd).float().mean():.3f}")
