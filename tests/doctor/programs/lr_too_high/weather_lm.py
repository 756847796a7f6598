"""Word language model on generated weather reports, AdamW with a short warm-up."""
import random

import torch
from torch import nn

random.seed(40)
torch.manual_seed(40)
season = {"winter": ["snow", "frost", "ice"], "summer": ["sun", "heat", "storm"], "autumn": ["fog", "rain", "wind"]}
place = {"winter": "hills", "summer": "coast", "autumn": "valley"}


def report():
    s = random.choice(list(season))
    w = random.sample(season[s], 2)
    return ["in", s, "expect", w[0], "and", w[1], "on", "the", place[s], random.choice(["today", "tomorrow"]), "."]


def text(n):
    return [w for _ in range(n) for w in report()]


train, valid = text(1500), text(200)
itos = sorted(set(train))
stoi = {w: i for i, w in enumerate(itos)}


def batchify(words, b):
    t = torch.tensor([stoi[w] for w in words])
    return t[: len(t) // b * b].view(b, -1)


class LM(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.e = nn.Embedding(len(itos), d)
        self.r = nn.GRU(d, d, batch_first=True)
        self.d = nn.Linear(d, len(itos))

    def forward(self, x, h=None):
        o, h = self.r(self.e(x), h)
        return self.d(o), h


model = LM()
tr, va = batchify(train, 20), batchify(valid, 10)
starts = list(range(0, tr.size(1) - 1, 16))
EPOCHS = 4
# fault:
opt = torch.optim.AdamW(model.parameters(), lr=0.6)
# mended:
# opt = torch.optim.AdamW(model.parameters(), lr=6e-3)
# end
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / 20))
for epoch in range(EPOCHS):
    h, total = None, 0.0
    for i in starts:
        x, y = tr[:, i : i + 16], tr[:, i + 1 : i + 17]
        x = x[:, : y.size(1)]
        h = None if h is None else h.detach()
        logits, h = model(x, h)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item()
    with torch.no_grad():
        out = model(va[:, :-1])[0]
        vl = nn.functional.cross_entropy(out.flatten(0, 1), va[:, 1:].flatten()).item()
    print(f"epoch {epoch} loss {total / len(starts):.3f} valid loss {vl:.3f} next word right {(out.argmax(-1) == va[:, 1:]).float().mean():.3f}")
