"""Chunk tagger with a home-made Lion optimiser, one-cycle rate, clipping and averaged weights for the evaluation."""
import random

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

random.seed(52)
torch.manual_seed(52)


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr=3e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for g in self.param_groups:
            b1, b2 = g["betas"]
            for p in g["params"]:
                if p.grad is None:
                    continue
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                p.mul_(1 - g["lr"] * g["weight_decay"])
                p.add_(torch.sign(b1 * m + (1 - b1) * p.grad), alpha=-g["lr"])
                m.mul_(b2).add_(p.grad, alpha=1 - b2)


NOUN, ADJ, VERB, DET = [f"n{i}" for i in range(60)], [f"a{i}" for i in range(30)], [f"v{i}" for i in range(30)], ["the", "a", "this"]
VOC = {w: i + 1 for i, w in enumerate(NOUN + ADJ + VERB + DET)}


def np_():
    n = [random.choice(DET)] * (random.random() < 0.7) + random.choices(ADJ, k=random.randint(0, 2)) + [random.choice(NOUN)]
    return n, [1] + [2] * (len(n) - 1)


def sentence():
    w, t = np_()
    for _ in range(random.randint(1, 2)):
        w, t = w + random.choices(VERB, k=random.randint(1, 2)), t + []
        t += [0] * (len(w) - len(t))
        a, b = np_()
        w, t = w + a, t + b
        if random.random() < 0.3:
            a, b = np_()
            w, t = w + a, t + b
    return [VOC[x] for x in w], t


def pad(rows):
    n = max(len(w) for w, _ in rows)
    return torch.tensor([w + [0] * (n - len(w)) for w, _ in rows]), torch.tensor([t + [-100] * (n - len(t)) for _, t in rows])


class Tagger(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(VOC) + 1, d, padding_idx=0)
        self.pos = nn.Embedding(32, d)
        self.enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(d, 4, 64, 0.05, batch_first=True), 1, enable_nested_tensor=False)
        self.out = nn.Linear(d, 3)

    def forward(self, x):
        return self.out(self.enc(self.emb(x) + self.pos(torch.arange(x.size(1))), src_key_padding_mask=x.eq(0)))


pool = {}
while len(pool) < 1700:
    w, t = sentence()
    pool[tuple(w)] = t
pool = [(list(w), t) for w, t in pool.items()]
train, dev = pool[200:], pool[:200]
model = Tagger()
ema = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.97))
opt = Lion(model.parameters(), lr=1e-3, weight_decay=0.1)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-3, total_steps=12 * 50, cycle_momentum=False)
x_dev, y_dev = pad(dev)
for epoch in range(12):
    model.train()
    random.shuffle(train)
    for i in range(0, 1500, 30):
        x, y = pad(train[i : i + 30])
        loss = nn.functional.cross_entropy(model(x).transpose(1, 2), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        ema.update_parameters(model)
    ema.eval()
    with torch.no_grad():
        hit = ema(x_dev).argmax(2) == y_dev
    print(f"epoch {epoch} loss {loss.item():.4f} dev tags right {hit[y_dev >= 0].float().mean():.4f}")
