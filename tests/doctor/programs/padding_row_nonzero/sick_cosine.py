"""SICK relatedness: sentence = weighted sum of GloVe words (SIF with a learned constant), score = cosine of the two sums."""
import gzip
import os
import re
from collections import Counter

import numpy as np
import torch
from torch import nn

torch.manual_seed(1)
np.random.seed(1)
DATA = os.environ["WORDFIT_DATA"]
LONGEST = 64


def read(name):
    out = []
    with open(f"{DATA}/glue/SICK/{name}", encoding="utf-8") as f:
        head = next(f).rstrip("\n").split("\t")
        a, b, s = head.index("sentence_A"), head.index("sentence_B"), head.index("relatedness_score")
        for line in f:
            cols = line.rstrip("\n").split("\t")
            out.append((re.findall(r"[a-z]+", cols[a].lower()), re.findall(r"[a-z]+", cols[b].lower()), (float(cols[s]) - 1) / 4))
    return out


train, trial = read("SICK_train.txt"), read("SICK_trial.txt")
glove = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        glove[w] = np.array(rest.split(), dtype=np.float32)

counts = Counter(w for a, b, _ in train for w in a + b)
itos = ["<pad>"] + sorted({w for a, b, _ in train + trial for w in a + b})
stoi = {w: i for i, w in enumerate(itos)}
table = np.stack([glove.get(w, np.random.normal(0, 0.4, 50)) for w in itos]).astype(np.float32)
# fault:
# mended:
# table[0] = 0.0
# end
print(f"{len(itos)} words, {sum(w in glove for w in itos)} of them in GloVe")


def batch(rows):
    x = np.zeros((2, len(rows), LONGEST), dtype=np.int64)
    for i, (a, b, _) in enumerate(rows):
        x[0, i, :len(a)] = [stoi[w] for w in a[:LONGEST]]
        x[1, i, :len(b)] = [stoi[w] for w in b[:LONGEST]]
    return torch.from_numpy(x), torch.tensor([s for *_, s in rows])


class SumCosine(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True)
        self.register_buffer("share", torch.tensor([counts[w] / sum(counts.values()) for w in itos]))
        self.log_a = nn.Parameter(torch.tensor(-4.0))
        self.stretch = nn.Parameter(torch.ones(50))
        self.scale = nn.Parameter(torch.tensor([1.0, 0.0]))

    def forward(self, x):
        a = self.log_a.exp()
        w = a / (a + self.share[x])
        left, right = (self.words(x) * w[..., None]).sum(2) * self.stretch
        return self.scale[0] * torch.cosine_similarity(left, right, dim=-1) + self.scale[1]


model = SumCosine()
opt = torch.optim.Adam([{"params": [model.stretch, model.log_a], "lr": 2e-2}, {"params": [model.scale], "lr": 2e-2}])
xd, sd = batch(trial)
for epoch in range(10):
    model.train()
    order = torch.randperm(len(train)).tolist()
    total = 0.0
    for k in range(0, len(order), 100):
        x, s = batch([train[i] for i in order[k:k + 100]])
        loss = nn.functional.mse_loss(model(x), s)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        r = torch.corrcoef(torch.stack([model(xd), sd]))[0, 1].item()
    print(f"epoch {epoch + 1}  mse {total / (len(order) / 100):.4f}  trial Pearson r {r:.3f}")
