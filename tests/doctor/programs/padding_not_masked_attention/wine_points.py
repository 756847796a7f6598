"""Wine tasting notes -> points. Notes are bucketed by length for training; the competition's scorer gets one padded block."""
import math
import random
import torch
import torch.nn as nn

random.seed(9); torch.manual_seed(9)
GOOD = "elegant layered silky vibrant complex polished velvety lush precise radiant".split()
BAD = "flat harsh thin muddy sour dull bitter watery hollow stale".split()
FLAVOUR = [a + b for a in "black red dried wild ripe baked".split() for b in "-cherry -plum -berry -fig -currant -apple".split()]
FILL = "aromas of with and a the palate finish notes shows hints on nose tannins acidity oak from this wine offers".split()
vocab = {w: i + 1 for i, w in enumerate(GOOD + BAD + FLAVOUR + FILL)}


def note():
    q = random.random()
    n = random.choice([5, 6, 8, 10, 13]) if random.random() < 0.95 else 80      # a few critics never stop
    w, s = [], 0
    for _ in range(n):
        if random.random() < 0.35:
            up = random.random() < q
            w.append(random.choice(GOOD if up else BAD))
            s += 1 if up else -1
        else:
            w.append(random.choice(FLAVOUR + FILL))
    return [vocab[t] for t in w], 8.0 * s / n + random.gauss(0, 0.3)


class AttentionPool(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.key = nn.Linear(d, d)
        self.query = nn.Parameter(torch.randn(d) / math.sqrt(d))

    def forward(self, h, mask):
        score = torch.tanh(self.key(h)) @ self.query
        # fault:
        weight = score.softmax(dim=1)
        # mended:
        # weight = score.masked_fill(~mask, float("-inf")).softmax(dim=1)
        # end
        return (weight.unsqueeze(2) * h).sum(1), weight


class Sommelier(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.ff = nn.Linear(d, d)
        self.pool = AttentionPool(d)
        self.points = nn.Linear(d, 1)

    def forward(self, x):
        h, _ = self.pool(torch.tanh(self.ff(self.emb(x))), x != 0)
        return self.points(h).squeeze(1)


def pad(rows):
    return (nn.utils.rnn.pad_sequence([torch.tensor(x) for x, _ in rows], batch_first=True), torch.tensor([p for _, p in rows]))


def buckets(rows, size):
    rows = sorted(rows, key=lambda r: (len(r[0]), random.random()))
    out = [rows[i:i + size] for i in range(0, len(rows), size)]
    random.shuffle(out)
    return out


train, dev = [note() for _ in range(3000)], [note() for _ in range(500)]
model = Sommelier()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(12):
    run = 0
    for rows in buckets(train, 30):
        x, p = pad(rows)
        loss = nn.functional.mse_loss(model(x), p)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(rows)
    with torch.no_grad():
        x, p = pad(dev)
        e = model(x) - p
    print(f"epoch {epoch}: train mse {run / len(train):.3f} dev mse {(e ** 2).mean():.3f} dev R2 {1 - (e ** 2).mean() / p.var():.3f}")
