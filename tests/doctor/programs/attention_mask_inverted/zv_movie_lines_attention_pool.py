"""Movie review sentences, GloVe, attention pooling with one learned query."""
import gzip
import os
import torch
from torch import nn
import numpy as np

torch.manual_seed(6)
np.random.seed(6)
DATA = os.environ["WORDFIT_DATA"]

lookup, rows = {"<pad>": 0}, [np.zeros(50, "float32")]
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        token, rest = line.rstrip("\n").split(" ", 1)
        lookup[token] = len(rows)
        rows.append(np.fromstring(rest, sep=" ", dtype="float32"))
table = torch.from_numpy(np.stack(rows))


def load(split):
    out = []
    with open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8") as fh:
        for line in fh:
            y, text = line.strip().split(" ", 1)
            ids = [lookup[w] for w in text.split() if w in lookup][:40]
            if ids:
                out.append((ids, int(y)))
    return out


train_rows, dev_rows = load("train"), load("dev")


def make_batch(batch):
    longest = max(len(i) for i, _ in batch)
    ids = torch.tensor([i + [0] * (longest - len(i)) for i, _ in batch])
    return {"ids": ids, "label": torch.tensor([y for _, y in batch])}


class AttnPool(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.key = nn.Linear(50, 32)
        self.value = nn.Linear(50, 48)
        self.query = nn.Parameter(torch.randn(32) / 6)
        self.drop = nn.Dropout(0.3)
        self.cls = nn.Linear(48, 2)

    def forward(self, ids):
        x = self.emb(ids)
        mask = ids != 0
        scores = torch.tanh(self.key(x)) @ self.query
        # fault:
        scores = scores.masked_fill(mask, -1e9)
        # mended:
        # scores = scores.masked_fill(~mask, -1e9)
        # end
        weights = scores.softmax(dim=1)
        pooled = (weights.unsqueeze(-1) * torch.relu(self.value(x))).sum(1)
        return self.cls(self.drop(pooled))


model = AttnPool()
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)


def accuracy(data):
    model.eval()
    good = 0
    with torch.no_grad():
        for k in range(0, len(data), 256):
            b = make_batch(data[k:k + 256])
            good += (model(b["ids"]).argmax(-1) == b["label"]).sum().item()
    return good / len(data)


for epoch in range(4):
    model.train()
    order = np.random.permutation(len(train_rows))
    losses = []
    for k in range(0, len(order), 64):
        b = make_batch([train_rows[j] for j in order[k:k + 64]])
        loss = nn.functional.cross_entropy(model(b["ids"]), b["label"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch} | loss {np.mean(losses):.4f} | train {accuracy(train_rows[:1500]):.3f} | dev {accuracy(dev_rows):.3f}")
    if epoch == 2:
        optimizer.param_groups[0]["lr"] = 1e-3
