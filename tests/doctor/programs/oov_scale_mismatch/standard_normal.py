"""Financial news sentiment with GloVe vectors normalised to unit length (positive / negative)."""
import gzip
import os
import re
from pathlib import Path

import torch
from torch import nn
import torch.nn.functional as F

root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
torch.manual_seed(12)
text = (root / "sentiment/financial-phrasebank/Sentences_50Agree.txt").read_text(encoding="utf-8")
rows = []
for line in dict.fromkeys(text.splitlines()):
    s, label = line.rsplit("@", 1)
    if label != "neutral":
        rows.append((re.findall(r"[a-z]+|\d+", s.lower()), int(label == "positive")))
order = torch.randperm(len(rows)).tolist()
rows = [rows[i] for i in order]
train, dev = rows[:1400], rows[1400:]

glove = {}
with gzip.open(root / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.rstrip().split(" ", 1)
        glove[w] = v
vocab = {"<pad>": 0}
for toks, _ in rows:
    for t in toks:
        vocab.setdefault(t, len(vocab))
# fault:
weight = torch.randn(len(vocab), 50)
# mended:
# weight = F.normalize(torch.randn(len(vocab), 50), dim=1)
# end
weight[0] = 0.0
for t, i in vocab.items():
    if t in glove:
        weight[i] = F.normalize(torch.tensor([float(v) for v in glove[t].split()]), dim=0)


class Sentiment(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weight, freeze=True, padding_idx=0)
        self.out = nn.Sequential(nn.LayerNorm(50), nn.Linear(50, 1))

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True)
        return self.out(self.emb(x).sum(1) / n).squeeze(-1)


def tensors(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[t] for t in toks]) for toks, _ in rows], batch_first=True)
    return x, torch.tensor([float(y) for _, y in rows])


x, y = tensors(train)
xd, yd = tensors(dev)
model = Sentiment()
opt = torch.optim.Adam(model.out.parameters(), lr=0.02)
pos_weight = (y == 0).sum() / y.sum()
for epoch in range(8):
    total = 0.0
    for b in torch.randperm(len(x)).split(35):
        loss = F.binary_cross_entropy_with_logits(model(x[b]), y[b], pos_weight=pos_weight)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b) / len(x)
    with torch.no_grad():
        p = (model(xd) > 0).float()
        balanced = 0.5 * (p[yd == 1].mean() + (1 - p[yd == 0]).mean()).item()
    print(f"epoch {epoch} loss {total:.4f} balanced accuracy {balanced:.4f}")
