"""Spelled-out additions ("forty two plus seven" -> tens and units of the sum).  Curriculum from small to large numbers,
label smoothing, two heads, an exponential moving average of the weights for evaluation (timm style)."""
import copy
import random

import torch
import torch.nn as nn

random.seed(17)
torch.manual_seed(17)

ONES = "zero one two three four five six seven eight nine".split()
TENS = "- - twenty thirty forty".split()


def spell(n):
    if n < 10:
        return ["ten-free", ONES[n]]
    return [TENS[n // 10] if n >= 20 else "teen", ONES[n % 10]]


WORDS = ["plus"] + ONES + TENS[2:] + ["teen", "ten-free"]
W = {w: i for i, w in enumerate(WORDS)}
problems = [(a, b) for a in range(50) for b in range(50)]
random.shuffle(problems)
test, train = problems[:400], problems[400:]
train.sort(key=lambda p: max(p))                           # easy ones first


def encode(rows):
    x = torch.tensor([[W[w] for w in spell(a) + ["plus"] + spell(b)] for a, b in rows])
    s = torch.tensor([a + b for a, b in rows])
    return x, s // 10, s % 10


class Adder(nn.Module):
    """Every question has five words, so the word vectors can simply be put side by side."""

    def __init__(self, dim=16, width=160):
        super().__init__()
        self.words = nn.Embedding(len(WORDS), dim)
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(5 * dim, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.tens = nn.Linear(width, 10)
        self.units = nn.Linear(width, 10)

    def forward(self, x):
        h = self.body(self.words(x))
        return self.tens(h), self.units(h)


class ModelEma:
    def __init__(self, model, decay):
        self.module = copy.deepcopy(model).eval()
        self.decay = decay
        for p in self.module.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        for e, p in zip(self.module.state_dict().values(), model.state_dict().values()):
            e.lerp_(p, 1 - self.decay)


@torch.no_grad()
def both_right(net, rows):
    x, t, u = encode(rows)
    lt, lu = net(x)
    return ((lt.argmax(1) == t) & (lu.argmax(1) == u)).float().mean().item()


model = Adder()
ema = ModelEma(model, decay=0.95)
smooth = nn.CrossEntropyLoss(label_smoothing=0.05)
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.02)
stages = [0.4, 0.7] + [1.0] * 8
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, total_steps=len(stages) * 66)
for stage, share in enumerate(stages):
    pool = train[:int(share * len(train))]
    total = n = 0
    for idx in torch.randperm(len(pool)).split(32):
        x, t, u = encode([pool[i] for i in idx.tolist()])
        lt, lu = model(x)
        loss = smooth(lt, t) + smooth(lu, u)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        ema.update(model)
        total, n = total + loss.item(), n + 1
    if stage % 2:
        print(f"stage {stage:2d} ({share:.0%} of the problems)  loss {total / n:.3f}  "
              f"ema: train {both_right(ema.module, train):.3f}  test {both_right(ema.module, test):.3f}")
