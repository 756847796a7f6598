"""Thirty-six labelled questions, frozen GloVe vectors and a linear layer with weight decay."""
import gzip
import os
import random

import torch
from torch import nn

random.seed(9)
torch.manual_seed(9)
wanted = {"place": "city country river mountain island lake street village capital coast".split(), "person": "president actor singer king writer leader doctor father queen minister".split(),
          "number": "many much percent million dollars hundred cost price amount total".split()}
frames = ["what is the {}", "tell me the {} of it", "do you know which {} that was", "and the {} then", "please find the {} for us", "the {} in this text is"]
path = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "vectors", "glove.6B.50d.top10361.txt.gz")
with gzip.open(path, "rt", encoding="utf-8") as f:
    glove = {}
    for line in f:
        word, values = line.split(" ", 1)
        glove[word] = values
need = sorted({w for fr in frames for w in fr.split() if w != "{}"} | {w for ws in wanted.values() for w in ws})
stoi = {w: i for i, w in enumerate(need)}
table = torch.tensor([[float(v) for v in glove[w].split()] for w in need])


def rows(part):
    return [(frame.format(w).split(), y) for y, ws in enumerate(wanted.values()) for w in ws[part] for frame in frames]


train = random.sample(rows(slice(0, 6)), 36)
test = rows(slice(6, 10))
bag = nn.EmbeddingBag.from_pretrained(table, freeze=True)
linear = nn.Linear(50, 3)
optimizer = torch.optim.AdamW(linear.parameters(), lr=2e-2, weight_decay=0.05)


def predict(part):
    ids = [torch.tensor([stoi[w] for w in t]) for t, _ in part]
    return linear(bag(torch.cat(ids), torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)))


y, yt = (torch.tensor([c for _, c in part]) for part in (train, test))
for step in range(300):
    loss = nn.functional.cross_entropy(predict(train), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 49:
        with torch.no_grad():
            print(f"step {step + 1} loss {loss.item():.4f} test acc {(predict(test).argmax(1) == yt).float().mean():.4f}")
