"""Semantic relatedness on SICK after Tai et al. (2015): the score r in [1, 5] becomes a sparse target distribution over
the five grades, trained with KL divergence; prediction is the expected grade. Sentence vectors: mean of frozen GloVe
vectors through one shared projection. Metrics: Pearson r and MSE on the official test file."""
import csv
import gzip
import os
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = Path(os.environ["WORDFIT_DATA"])
torch.manual_seed(42)


def tok(s):
    return s.lower().replace(",", " ").replace(".", " ").replace("'s", " 's").split()


def load_sick(name):
    with open(DATA / "glue" / "SICK" / name, encoding="utf-8", newline="") as fh:
        rows = list(csv.DictReader(fh, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(tok(r["sentence_A"]), tok(r["sentence_B"]), float(r["relatedness_score"])) for r in rows]


splits = {k: load_sick(f"SICK_{v}.txt") for k, v in (("train", "train"), ("dev", "trial"), ("test", "test_annotated"))}
needed = {w for rows in splits.values() for a, b, _ in rows for w in a + b}
glove = {}
with gzip.open(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, rest = line.split(" ", 1)
        if w in needed:
            glove[w] = np.array(rest.split(), dtype=np.float32)
print(f"{len(glove)} of {len(needed)} word types have a vector")
itos = ["<pad>"] + sorted(glove)
stoi = {w: i for i, w in enumerate(itos)}
weights = torch.from_numpy(np.stack([np.zeros(50, np.float32)] + [glove[w] for w in itos[1:]]))


def pack(rows):
    def ids(k):
        seqs = [torch.tensor([stoi[w] for w in r[k] if w in stoi]) for r in rows]
        return nn.utils.rnn.pad_sequence(seqs, batch_first=True)
    gold = torch.tensor([r[2] for r in rows])
    target = (1 - (gold[:, None] - torch.arange(1., 6.)).abs()).clamp(min=0)       # rows sum to one
    return {"a": ids(0), "b": ids(1), "gold": gold, "target": target}


class Relatedness(nn.Module):
    grades = torch.arange(1., 6.)

    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.proj = nn.Linear(50, 60)
        self.hidden = nn.Linear(121, 20)
        self.grade = nn.Linear(20, 5)
        self.drop = nn.Dropout(0.1)

    def sent(self, ids):
        m = (ids != 0).unsqueeze(-1).float()
        return torch.tanh(self.proj((self.lookup(ids) * m).sum(1) / m.sum(1).clamp(min=1)))

    def forward(self, a, b):
        u, v = self.sent(a), self.sent(b)
        feats = torch.cat([u * v, (u - v).abs(), F.cosine_similarity(u, v).unsqueeze(1)], dim=1)
        return self.grade(self.drop(torch.tanh(self.hidden(feats)))).log_softmax(1)


def evaluate(net, d):
    net.eval()
    with torch.no_grad():
        pred = net(d["a"], d["b"]).exp() @ net.grades
    return np.corrcoef(pred.numpy(), d["gold"].numpy())[0, 1], F.mse_loss(pred, d["gold"]).item()


data = {k: pack(v) for k, v in splits.items()}
net = Relatedness()
params = [p for p in net.parameters() if p.requires_grad]
opt = torch.optim.Adagrad(params, lr=0.03, weight_decay=1e-3)
train = data["train"]
for epoch in range(6):
    net.train()
    total = 0
    for idx in torch.randperm(len(train["gold"])).split(40):
        opt.zero_grad()
        loss = F.kl_div(net(train["a"][idx], train["b"][idx]), train["target"][idx], reduction="batchmean")
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    r, mse = evaluate(net, data["dev"])
    print(f"epoch {epoch + 1}: KL {total / len(train['gold']):.4f}   dev r {r:.3f} mse {mse:.3f}")
print("train r %.3f mse %.3f" % evaluate(net, train))
print("test  r %.3f mse %.3f" % evaluate(net, data["test"]))
print("constant prediction mse %.3f" % data["test"]["gold"].var().item())
