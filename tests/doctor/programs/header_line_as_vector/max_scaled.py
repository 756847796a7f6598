"""CNN over word2vec vectors scaled to [-1, 1]; question or statement topic (3 classes)."""
import random
import tempfile

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = random.Random(14)
rs = np.random.RandomState(14)
torch.manual_seed(14)
WIDTH = 100


def lexicon(n):
    out = set()
    while len(out) < n:
        out.add(rng.choice(["mar", "tel", "vor", "ben", "sil", "pog", "dan", "hur"]) + rng.choice(["ti", "la", "mo", "ne", "ka", "ru"]) + rng.choice(["s", "n", "r", "l", "x", ""]))
    return rng.sample(sorted(out), n)


lex = lexicon(250)
classes, rest = [lex[:40], lex[40:80], lex[80:120]], lex[120:]
path = tempfile.mktemp(suffix=".vec")
with open(path, "w") as f:
    print(len(lex), WIDTH, file=f)
    centre = rs.randn(3, WIDTH) * 0.25
    for w in lex:
        k = [i for i in range(3) if w in classes[i]]
        print(w, *np.round(rs.randn(WIDTH) * 0.3 + (centre[k[0]] if k else 0), 4), file=f)

names, rows = ["<pad>"], [np.zeros(WIDTH)]
with open(path) as f:
    # fault:
    lines = f.read().splitlines()
    # mended:
    # lines = f.read().splitlines()[1:]
    # end
    for line in lines:
        name, *values = line.split(" ")
        row = np.zeros(WIDTH)
        row[: len(values)] = np.array(values, dtype=float)
        names.append(name)
        rows.append(row)
matrix = np.array(rows, dtype=np.float32)
matrix /= np.abs(matrix).max()
where = {n: i for i, n in enumerate(names)}


def sample(i, k):
    ws = [rng.choice(rest) for _ in range(rng.randint(4, 12))]
    for _ in range(3):
        ws.insert(rng.randrange(len(ws)), rng.choice(classes[i % 3][:k]))
    return [where[w] for w in ws], i % 3


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(matrix), freeze=True, padding_idx=0)
        self.conv1 = nn.Conv1d(WIDTH, 32, 1)
        self.conv2 = nn.Conv1d(WIDTH, 32, 3, padding=1)
        self.fc = nn.Linear(64, 3)

    def forward(self, x):
        e = self.emb(x).permute(0, 2, 1)
        gone = (x == 0).unsqueeze(1)
        pooled = [c(e).relu().masked_fill(gone, 0).amax(-1) for c in (self.conv1, self.conv2)]
        return self.fc(torch.cat(pooled, 1))


def tens(rows):
    w = max(len(r) for r, _ in rows)
    return torch.tensor([r + [0] * (w - len(r)) for r, _ in rows]), torch.tensor([y for _, y in rows])


train, dev = [sample(i, 24) for i in range(420)], [sample(i, 40) for i in range(300)]
net = CNN()
optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1, momentum=0.9)
xd, yd = tens(dev)
for epoch in range(9):
    rng.shuffle(train)
    s = 0.0
    for i in range(0, 420, 21):
        x, y = tens(train[i:i + 21])
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        s += loss.item() / 20
    with torch.no_grad():
        print(f"epoch {epoch} loss {s:.4f} dev {(net(xd).argmax(1) == yd).float().mean().item():.4f}")
