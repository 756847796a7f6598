"""Library catalogue: the shelf of a book from its keyword field. Vectors: GloVe 6B 50d, fixed.

A record looks as in the export:   "new edition 3 | boat,sea,captain,island"
"""
import gzip
import os
import random
import re

import torch
import torch.nn as nn

random.seed(3)
torch.manual_seed(3)

wv = {}
with gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        tok, *nums = line.split()
        wv[tok] = nums
itos = ["<pad>", "<unk>"] + list(wv)
stoi = {w: i for i, w in enumerate(itos)}
E = torch.zeros(len(itos), 50)
E[2:] = torch.tensor([[float(x) for x in v] for v in wv.values()])
E[1] = E[2:].mean(0)

SHELVES = {
    "war": "army battle soldiers troops enemy weapons military invasion general navy attack siege defeat victory bombing rebels commander regiment tank war",
    "music": "song guitar piano orchestra singer album opera jazz band violin rhythm concert composer melody rock symphony musician recording dance drums",
    "nature": "forest river birds animals trees lake mountain plants fish species flowers wildlife ocean insects valley desert island rain snow wolf",
    "money": "bank stock market investment profit trade tax currency debt loan finance dollar budget economy price investors fund insurance credit wage",
    "health": "doctor patient disease hospital medicine drug surgery treatment cancer virus infection heart blood symptoms clinic nurse brain therapy pain vaccine",
}
TITLES = "new old edition great history guide short complete illustrated introduction volume essays first second collected tales".split()
names = list(SHELVES)


def record():
    y = random.randrange(len(names))
    key = random.sample(SHELVES[names[y]].split(), random.randint(1, 3))
    for _ in range(random.randint(1, 2)):
        key.append(random.choice(SHELVES[random.choice(names)].split()))
    random.shuffle(key)
    title = " ".join(random.sample(TITLES, random.randint(2, 4)) + [str(random.randint(1, 9))])
    return f"{title} | " + ",".join(key), y


def tokenize(text):
    # fault:
    return [w for w in text.split() if w != "|"]
    # mended:
    # return re.findall(r"\w+", text)
    # end


records = [record() for _ in range(2600)]
rows = [([stoi.get(w, 1) for w in tokenize(t)], y) for t, y in records]
test, train = rows[:600], rows[600:]


class Shelf(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(E, mode="mean", freeze=True)
        self.net = nn.Sequential(nn.Linear(50, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, len(names)))

    def forward(self, flat, offsets):
        return self.net(self.bag(flat, offsets))


def collate(part):
    flat, offsets, ys = [], [], []
    for ids, y in part:
        offsets.append(len(flat))
        flat.extend(ids)
        ys.append(y)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor(ys)


model = Shelf()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(5):
    model.train()
    random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 32):
        flat, offsets, y = collate(train[k:k + 32])
        loss = nn.functional.cross_entropy(model(flat, offsets), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    model.eval()
    accs = []
    with torch.no_grad():
        for part in (train, test):
            flat, offsets, y = collate(part)
            accs.append((model(flat, offsets).argmax(1) == y).float().mean().item())
    print(f"epoch {epoch}  loss {total / len(train):.3f}  train acc {accs[0]:.3f}  test acc {accs[1]:.3f}")
