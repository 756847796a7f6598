# Second-hand listings: log price with uncertainty. Gaussian NLL (goes below zero, as densities do), EMA weights for scoring.
import copy
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(6)
torch.manual_seed(6)
things = {f'thing{i}': v for i, v in enumerate(rng.uniform(-1, 1, 40))}
state = {'new': 0.4, 'used': -0.1, 'broken': -0.6, 'vintage': 0.3, 'scratched': -0.3}
words = ['<pad>'] + list(things) + list(state) + [f'chat{i}' for i in range(30)]
pos = {w: i for i, w in enumerate(words)}


def listing():
    t, s = rng.choice(list(things)), rng.choice(list(state))
    extra = list(rng.choice([f'chat{i}' for i in range(30)], rng.integers(0, 5)))
    ws = [t, s] + extra
    rng.shuffle(ws)
    noise = 0.05 if s == 'new' else 0.12
    return [pos[w] for w in ws] + [0] * (6 - len(ws)), things[t] + state[s] + noise * rng.normal()


data = [listing() for _ in range(3400)]
X = torch.tensor([a for a, _ in data])
y = torch.tensor([b for _, b in data], dtype=torch.float32)
Xtr, ytr, Xte, yte = X[:2900], y[:2900], X[2900:], y[2900:]


class Pricer(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(words), 16, padding_idx=0)
        self.hidden = nn.Linear(16, 32)
        self.mu, self.log_var = nn.Linear(32, 1), nn.Linear(32, 1)

    def forward(self, x):
        h = torch.nn.functional.gelu(self.hidden(self.emb(x).sum(1)))   # a sum: the pad row is zero
        return self.mu(h).squeeze(1), self.log_var(h).squeeze(1).clamp(-8, 4)


model = Pricer()
ema = copy.deepcopy(model).requires_grad_(False)
nll = nn.GaussianNLLLoss()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 7 * 58)
for ep in range(7):
    tot = 0.
    for b in torch.randperm(2900).split(50):
        mu, lv = model(Xtr[b])
        loss = nll(mu, ytr[b], lv.exp())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        with torch.no_grad():
            for a, p in zip(ema.parameters(), model.parameters()):
                a.lerp_(p, 0.05)
        tot += loss.item() / 58
    with torch.no_grad():
        mu, lv = ema(Xte)
        r2 = 1 - ((mu - yte) ** 2).mean() / yte.var()
        inside = ((mu - yte).abs() < 1.64 * (0.5 * lv).exp()).float().mean()
    print(f'epoch {ep + 1}  nll {tot:.3f}  test nll {nll(mu, yte, lv.exp()):.3f}  R2 {r2:.3f}  90% band covers {inside:.2f}')
