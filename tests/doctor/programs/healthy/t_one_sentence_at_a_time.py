"""Film review or printed prose? The slow and simple way: one sentence per forward pass, gradients summed over 16 of them.
The GloVe table stays as it is (homework says: do not touch the vectors)."""
import gzip
import os
import random
import re

import torch

torch.manual_seed(21)
random.seed(21)
root = os.environ["WORDFIT_DATA"]

vecs, words = [], {}
with gzip.open(root + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        word, nums = line.split(" ", 1)
        words[word] = len(vecs)
        vecs.append([float(v) for v in nums.split()])
table = torch.nn.Embedding.from_pretrained(torch.tensor(vecs))      # freeze=True is the default


def read(name, label, count, every):
    rows = []
    with gzip.open(f"{root}/corpora/{name}", "rt", encoding="utf-8") as fh:
        for no, line in enumerate(fh):
            toks = re.findall("[a-z]+", line.lower().replace("<br />", " "))[:15]
            ids = [words[t] for t in toks if t in words]
            if no % every == 0 and len(ids) > 4:
                rows.append((torch.tensor(ids), float(label)))
            if len(rows) == count:
                return rows
    return rows


rows = read("imdb-unsup-25k.txt.gz", 1, 850, 4) + read("brown.txt.gz", 0, 850, 40)
random.shuffle(rows)
dev, train = rows[:400], rows[400:]


class Scorer(torch.nn.Module):
    """attention pooling with one learned query, then a line"""
    def __init__(self):
        super().__init__()
        self.query = torch.nn.Parameter(0.1 * torch.randn(50))
        self.drop = torch.nn.Dropout(0.1)
        self.line = torch.nn.Linear(50, 1)

    def forward(self, ids):
        with torch.no_grad():
            e = table(ids)                                          # (words, 50)
        a = torch.softmax(e @ self.query, dim=0)
        return self.line(self.drop(a @ e))


model = Scorer()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
bce = torch.nn.BCEWithLogitsLoss()
ACC = 16


def evaluate(rows):
    model.eval()
    good = 0
    with torch.no_grad():
        for ids, y in rows:
            good += int((model(ids).item() > 0) == (y == 1))
    model.train()
    return good / len(rows)


for epoch in range(1, 3):
    random.shuffle(train)
    running = 0.0
    opt.zero_grad()
    for n, (ids, y) in enumerate(train, 1):
        loss = bce(model(ids), torch.tensor([y]))
        (loss / ACC).backward()
        running += loss.item()
        if n % ACC == 0 or n == len(train):
            opt.step()
            opt.zero_grad()
    print(f"epoch {epoch}: mean loss {running / len(train):.4f}  train {evaluate(train[:400]):.3f}  dev {evaluate(dev):.3f}")
