# Sort the lines of customs declarations into tariff groups.
# Declarations come out of the terminal system the way clerks type them.
import gzip
import os

import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(3)
torch.manual_seed(3)

GOODS = {
    "clothing": "cotton shirts leather shoes jackets silk jeans boots pants dress dresses fabric coat hat shirt shoe".split(),
    "food": "wheat rice coffee tea fish beef cheese sugar corn potatoes milk butter meat bread wine fruit vegetables".split(),
    "metals": "steel copper aluminum iron gold silver tin lead metal platinum uranium coal oil gas".split(),
    "electronics": "computers phones cameras batteries chips monitors software hardware computer phone camera machines equipment".split(),
    "animals": "horses cattle sheep pigs chickens dogs cats birds horse dog cat pig chicken cow bulls".split(),
    "medicine": "drugs vaccine medicine drug vaccines medical treatment blood pills drugs medication tablets".split(),
}
PACK = "boxes pieces tons bags pounds units containers packages".split()
EXTRA = "from for of with the and to by new used small large fresh special first second private commercial".split()
PLACES = "china brazil germany india canada france mexico japan turkey egypt".split()
GROUPS = list(GOODS)


def clerk_line(words):
    """One line: amount, packing, goods, remarks; the terminal writes capitals only."""
    return " ".join(words).upper()


def make(n, pools):
    lines, labels = [], []
    for _ in range(n):
        g = int(rng.integers(len(GROUPS)))
        pool = pools[GROUPS[g]]
        goods = list(rng.choice(pool, size=int(rng.integers(1, 4))))
        extra = list(rng.choice(EXTRA, size=int(rng.integers(0, 4))))
        tail = ["from", str(rng.choice(PLACES))] if rng.random() < 0.5 else []
        lines.append(clerk_line([str(rng.integers(1, 900)), str(rng.choice(PACK))] + extra + goods + tail))
        labels.append(g)
    return lines, torch.tensor(labels)


# keep a few goods of every group out of the training lines: new goods turn up every week
seen = {g: w[:-4] for g, w in GOODS.items()}
train_x, train_y = make(2500, seen)
dev_x, dev_y = make(600, GOODS)

vectors = {}
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        word, *values = line.rstrip().split(" ")
        vectors[word] = np.asarray(values, dtype=np.float32)

words = list(vectors)
stoi = {w: i + 2 for i, w in enumerate(words)}            # 0 padding, 1 unknown
table = np.vstack([np.zeros(50, np.float32), np.mean(list(vectors.values()), axis=0)] + [vectors[w] for w in words])


def encode(lines):
    # fault:
    rows = [[stoi.get(w, 1) for w in line.split()] for line in lines]
    # mended:
    # rows = [[stoi.get(w, 1) for w in line.lower().split()] for line in lines]
    # end
    flat = torch.tensor([i for r in rows for i in r])
    starts = torch.tensor([0] + [len(r) for r in rows[:-1]]).cumsum(0)
    return flat, starts


bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(table).float(), mode="mean", freeze=True)
with torch.no_grad():                                     # the vectors stay as they are: pool once
    train_f, dev_f = bag(*encode(train_x)), bag(*encode(dev_x))

net = nn.Sequential(nn.Linear(50, 40), nn.Tanh(), nn.Dropout(0.2), nn.Linear(40, len(GROUPS)))
opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)
lossf = nn.CrossEntropyLoss()
for epoch in range(1, 31):
    net.train()
    losses = []
    for idx in torch.randperm(len(train_y)).split(64):
        opt.zero_grad()
        loss = lossf(net(train_f[idx]), train_y[idx])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    if epoch % 5 == 0:
        net.eval()
        with torch.no_grad():
            acc = (net(dev_f).argmax(1) == dev_y).float().mean().item()
            fit = (net(train_f).argmax(1) == train_y).float().mean().item()
        print(f"{epoch:3d} loss {np.mean(losses):.3f} train {fit:.3f} dev {acc:.3f}")
