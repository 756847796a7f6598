"""Does a forum post ask or answer? Data comes as TSV, posts often open with a quotation."""
import csv
import os
import random
import tempfile

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(8)
torch.manual_seed(8)

ask = "how why what does anyone know help stuck error wondering possible should where tried cannot confused broken".split()
answer = "try use set install because works solved simply instead check option recommend fixed upgrade solution here".split()
thing = "kernel driver printer screen update cable laptop package folder login server config router theme battery disk font sound".split()
small = "the a my on to with in it and of is for this that when after".split()


def post(y):
    body = [random.choice(thing if random.random() < 0.4 else small) for _ in range(random.randint(5, 12))]
    for w in random.choices((ask, answer)[y], k=random.randint(1, 3)):
        body.insert(random.randint(0, len(body)), w)
    text = " ".join(body)
    if random.random() < 0.3:
        text = '"' + text  # the quotation that is being replied to, not always closed
    return text


folder = tempfile.mkdtemp()
for name, n in (("train", 900), ("dev", 300)):
    with open(os.path.join(folder, name + ".tsv"), "w", encoding="utf-8") as f:
        f.write("label\tpost\n")
        for i in range(n):
            # the label comes first
            f.write(f"{i * 7 % 2}\t{post(i * 7 % 2)}\n")


def read(name):
    with open(os.path.join(folder, name + ".tsv"), encoding="utf-8", newline="") as f:
        # fault:
        reader = csv.DictReader(f, delimiter="\t")
        # mended:
        # reader = csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        # end
        return [(row["post"].replace('"', " ").split(), int(row["label"])) for row in reader]


train, dev = read("train"), read("dev")
vocab = {w: i for i, w in enumerate(sorted({w for toks, _ in train for w in toks}), start=2)}


def to_dataset(rows):
    width = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (toks, _) in enumerate(rows):
        x[i, :len(toks)] = torch.tensor([vocab.get(t, 1) for t in toks])
    return TensorDataset(x, torch.tensor([y for _, y in rows]))


class MaxPool(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 2, 16, padding_idx=0)
        self.hidden = nn.Linear(16, 16)
        self.out = nn.Linear(16, 2)

    def forward(self, x):
        h = torch.relu(self.hidden(self.emb(x))).masked_fill((x == 0).unsqueeze(-1), 0.0)
        return self.out(h.max(dim=1).values)


model = MaxPool()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(8):
    total, batches = 0.0, 0
    for x, y in DataLoader(to_dataset(train), batch_size=32, shuffle=True):
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total, batches = total + loss.item(), batches + 1
    with torch.no_grad():
        hits = sum((model(x).argmax(1) == y).sum().item() for x, y in DataLoader(to_dataset(dev), batch_size=100))
    print(f"epoch {epoch}: loss {total / batches:.4f}, dev accuracy {hits / len(dev):.4f}")
