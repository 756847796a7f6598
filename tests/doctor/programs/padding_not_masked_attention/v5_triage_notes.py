# Triage: predict a nurse's urgency score from a short note. Attention pooling over word vectors.
# Notes are grouped by length for training (less wasted computation); the ward's test notes come as one block.
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(3)
np.random.seed(3)
torch.manual_seed(3)

WORDS = ["w%03d" % i for i in range(150)]
severity = {w: float(np.random.choice([-1.0, 0.0, 2.0], p=[.3, .4, .3])) for w in WORDS}
stoi = {w: i + 1 for i, w in enumerate(WORDS)}          # 0 = padding


def write_note():
    n = random.choice([3, 4, 5, 6, 8, 10, 12, 30, 45])
    ws = [random.choice(WORDS) for _ in range(n)]
    score = 4 * sum(severity[w] for w in ws) / n ** .75
    return [stoi[w] for w in ws], score / 2 + random.gauss(0, .15)


notes = [write_note() for _ in range(2600)]
train, test = notes[:2100], notes[2100:]


def to_block(rows):
    width = max(len(ids) for ids, _ in rows)
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for r, (ids, _) in enumerate(rows):
        x[r, :len(ids)] = torch.tensor(ids)
    lengths = torch.tensor([len(ids) for ids, _ in rows])
    return x, lengths, torch.tensor([s for _, s in rows])


def buckets(rows, size):
    rows = sorted(rows, key=lambda r: (len(r[0]), random.random()))
    blocks = [to_block(rows[i:i + size]) for i in range(0, len(rows), size)]
    random.shuffle(blocks)
    return blocks


class NoteScorer(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.emb = nn.Embedding(len(WORDS) + 1, dim, padding_idx=0)
        self.ask = nn.Linear(dim, 1)
        self.body = nn.Sequential(nn.Linear(dim + 1, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, x, lengths):
        e = self.emb(x)
        a = self.ask(e).squeeze(-1)
        # fault:
        a = F.softmax(a, dim=1)
        # mended:
        # a = F.softmax(a.masked_fill(x == 0, float("-inf")), dim=1)
        # end
        note = torch.einsum("bt,btd->bd", a, e)
        return self.body(torch.cat([note, lengths.float().log().unsqueeze(1)], 1)).squeeze(1)


net = NoteScorer()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
tx, tl, ts = to_block(test)
for epoch in range(1, 9):
    for g in opt.param_groups:
        g["lr"] = 0.01 if epoch < 6 else 0.002
    net.train()
    losses = []
    for x, l, s in buckets(train, 30):
        loss = F.mse_loss(net(x, l), s)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        pred = net(tx, tl)
    r2 = 1 - ((pred - ts) ** 2).mean() / ts.var()
    print("epoch", epoch, "mse", round(float(np.mean(losses)), 3), "| test mse", round(F.mse_loss(pred, ts).item(), 3), "R2", round(r2.item(), 3))
