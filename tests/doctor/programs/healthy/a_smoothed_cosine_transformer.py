"""Transformer classifier: label smoothing, warm-up then cosine decay, pre-norm, clipping."""
import math
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(9); torch.manual_seed(9)
# order matters: "X beats Y" means the first team wins
teams = "lions sharks hawks bears wolves".split()
verbs = {"beats": 0, "crushes": 0, "loses to": 1, "falls to": 1}
extra = "today again at home on sunday in the rain narrowly".split()


def line():
    a, b = random.sample(range(5), 2)
    v = random.choice(list(verbs))
    winner = (a, b)[verbs[v]]
    t = random.choices(extra, k=random.randint(0, 3)) + [teams[a]] + v.split() + [teams[b]] + random.choices(extra, k=random.randint(1, 4))
    return t, winner


seen = {}
while len(seen) < 1400:
    t, y = line()
    seen[" ".join(t)] = (t, y)
rows = list(seen.values())
train, dev = rows[:1150], rows[1150:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in t}))}


class Model(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(len(vocab) + 1, d, padding_idx=0), nn.Embedding(16, d)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.1, norm_first=True, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 1, norm=nn.LayerNorm(d), enable_nested_tensor=False)
        self.out = nn.Linear(d, 5)

    def forward(self, x):
        pad = x == 0
        h = self.enc(self.tok(x) + self.pos(torch.arange(x.size(1))), src_key_padding_mask=pad)
        return self.out(h.masked_fill(pad[..., None], float("-inf")).amax(1))


def collate(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


EPOCHS = 8
loader = DataLoader(train, 46, shuffle=True, collate_fn=collate)
net = Model()
opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.01)
total_steps, warm = EPOCHS * len(loader), 30
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / warm, 0.5 * (1 + math.cos(math.pi * s / total_steps))))
ce = nn.CrossEntropyLoss(label_smoothing=0.1)
xd, yd = collate(dev)
for epoch in range(EPOCHS):
    net.train()
    s = 0.0
    for x, y in loader:
        loss = ce(net(x), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        s += loss.item() / len(loader)
    net.eval()
    with torch.no_grad():
        print(f"epoch {epoch} loss {s:.4f} dev accuracy {(net(xd).argmax(1) == yd).float().mean().item():.4f}")
