"""Are two questions duplicates (QQP)? Means of the content words of each question, learned from scratch on GloVe."""
import csv
import gzip
import os
import random
import re
from pathlib import Path

import torch
from torch import nn

random.seed(35)
torch.manual_seed(35)
root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
STOP = set("""what is the a an of to in on for how do does did can i you my me it are was were be been who why when where which
will would should could if and or not have has had with from by at as that this there so we they he she his her your there's s t
any some more most than am about up out get""".split())
vecs = {}
with gzip.open(root / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        vecs[w] = v
vocab, table = {}, [[0.0] * 50]


def ids(text):
    out = []
    for w in re.findall("[a-z]+", text.lower()):
        if w in vecs and w not in STOP:
            if w not in vocab:
                vocab[w] = len(vocab) + 1
                table.append([float(x) for x in vecs[w].split()])
            out.append(vocab[w])
    return out


def read(name, limit):
    with open(root / "glue" / "QQP" / name, encoding="utf-8") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))[:limit]
    return [(ids(r["question1"]), ids(r["question2"]), float(r["is_duplicate"])) for r in rows]


train, dev = read("train_subset8999.tsv", 5000), read("dev_subset1000.tsv", 1000)


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.tensor(table), freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(101, 64), nn.ReLU(), nn.Linear(64, 1))

    def mean(self, seqs):
        x = nn.utils.rnn.pad_sequence([torch.tensor(s, dtype=torch.long) for s in seqs], batch_first=True)
        n = torch.tensor([len(s) for s in seqs]).unsqueeze(1)
        # fault:
        return self.emb(x).sum(1) / n
        # mended:
        # return self.emb(x).sum(1) / n.clamp(min=1)
        # end

    def forward(self, a, b):
        u, v = self.mean(a), self.mean(b)
        shared = torch.tensor([[len(set(s) & set(t)) / max(len(set(s) | set(t)), 1)] for s, t in zip(a, b)])
        return self.mlp(torch.cat([(u - v).abs(), u * v, 4 * shared], 1)).squeeze(1)


model = Pair()
opt = torch.optim.Adam(model.mlp.parameters(), lr=2e-3)
for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 50):
        a, b, y = zip(*train[i : i + 50])
        loss = nn.functional.binary_cross_entropy_with_logits(model(a, b), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        a, b, y = zip(*dev)
        acc = ((model(a, b) > 0) == (torch.tensor(y) > 0.5)).float().mean()
    print(f"epoch {epoch} loss {total / (len(train) / 50):.4f} dev accuracy {acc:.4f}")
