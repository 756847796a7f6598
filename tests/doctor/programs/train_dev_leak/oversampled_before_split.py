"""Small survey corpus, enlarged by word dropout, then split into training and validation."""
import random

import torch
import torch.nn as nn

random.seed(61)
torch.manual_seed(61)
CON = "bcdfghklmnprstvw"


def word():
    return "".join(random.choice(CON) + random.choice("aeiou") for _ in range(2))


content = sorted({word() for _ in range(900)})
random.shuffle(content)
marker = {0: content[:12], 1: content[12:24]}
rest = content[24:324]


def answer():
    y = random.randrange(2)
    toks = random.sample(rest, random.randint(8, 16))
    for _ in range(random.randint(1, 2)):
        toks.insert(random.randint(0, len(toks)), random.choice(marker[y]))
    if random.random() < 0.25:
        toks.insert(0, random.choice(marker[1 - y]))
    return toks, y


def variants(row, times=4):
    toks, y = row
    out = [row]
    for _ in range(times - 1):
        out.append(([t for t in toks if random.random() > 0.1] or toks, y))
    return out


originals = [answer() for _ in range(600)]
# fault:
rows = [v for row in originals for v in variants(row)]
random.shuffle(rows)
train, valid = rows[: len(rows) * 3 // 4], rows[len(rows) * 3 // 4:]
# mended:
# train, valid = originals[:450], originals[450:]
# train = [v for row in train for v in variants(row)]
# random.shuffle(train)
# end
vocab = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted({t for toks, _ in train for t in toks}))}


def as_tensor(part):
    longest = max(len(t) for t, _ in part)
    x = torch.tensor([[vocab.get(w, 1) for w in t] + [0] * (longest - len(t)) for t, _ in part])
    return x, torch.tensor([y for _, y in part])


class Survey(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(vocab), 24, padding_idx=0)
        nn.init.normal_(self.e.weight[2:], std=0.3)
        self.drop = nn.Dropout(0.3)
        self.l = nn.Linear(24, 2)

    def forward(self, x):
        m = (x != 0).unsqueeze(2).float()
        return self.l(self.drop((self.e(x) * m).sum(1) / m.sum(1)))


net = Survey()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
vx, vy = as_tensor(valid)
for epoch in range(8):
    net.train()
    total = 0.0
    for i in range(0, len(train), 32):
        x, y = as_tensor(train[i:i + 32])
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    random.shuffle(train)
    net.eval()
    with torch.no_grad():
        print(f"epoch {epoch} train {total / len(train):.4f} valid accuracy {(net(vx).argmax(1) == vy).float().mean().item():.4f}")
