"""Word2vec-like scorer with a hand-written negative log likelihood over large dot products."""
import gzip
import os
import random
import re
from pathlib import Path

import torch
from torch import nn

random.seed(115)
torch.manual_seed(115)
DATA = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
vecs, idx = [torch.zeros(50)], {}
with gzip.open(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for k, line in enumerate(f):
        if k == 5000:
            break
        w, *v = line.split()
        idx[w] = len(vecs)
        vecs.append(torch.tensor(list(map(float, v))))
table = torch.stack(vecs)


def read(split):
    base = DATA / "sentiment" / "tweeteval" / "emotion"
    texts = open(base / f"{split}_text.txt", encoding="utf-8").read().splitlines()
    labels = [int(v) for v in open(base / f"{split}_labels.txt").read().split()]
    seqs = [torch.tensor([idx[w] for w in re.findall(r"[a-z']+", t.lower()) if w in idx] or [0]) for t in texts]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor(labels[: len(seqs)])


class SumClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, padding_idx=0)
        self.prototypes = nn.Parameter(torch.randn(4, 50) * 0.5)

    def forward(self, x):
        scores = self.emb(x).sum(1) @ self.prototypes.T
        # fault:
        p = scores.exp() / scores.exp().sum(1, keepdim=True)
        return p.log()
        # mended:
        # return scores.log_softmax(1)
        # end


x, y = read("train")
xv, yv = read("val")
model = SumClassifier()
opt = torch.optim.Adam([model.prototypes], lr=1e-2)
for epoch in range(40):
    running = 0.0
    for i in torch.randperm(len(x)).split(64):
        logp = model(x[i])
        loss = -logp.gather(1, y[i].unsqueeze(1)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * len(i)
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} loss {running / len(x):.4f} val acc {acc:.4f}")
