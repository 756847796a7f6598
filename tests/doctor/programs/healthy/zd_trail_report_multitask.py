"""
Hiking trail reports -> (a) condition class, (b) hours needed.   Two heads on one encoder, the two losses are weighted
by learned log-variances (Kendall et al. 2018), so the total goes below zero once the hours are known well enough.
The landmark vectors come from my other project and stay as they are. Encoder and heads have an optimiser each.
"""
import numpy as np
import torch
import torch.nn as nn

gen = np.random.default_rng(14)
torch.manual_seed(14)
COND = {0: "dry firm clear dusty easy sunny".split(), 1: "muddy slippery wet puddles soaked boggy".split(), 2: "icy snow frozen crampons cornice drift".split()}
PLACES = [f"peak{i}" for i in range(50)]
SMALL = "we went up to and then down past with the dog kids before after lunch path sign hut bridge parking view".split()
hours = {p: gen.uniform(1.0, 8.0) for p in PLACES}
known = {p: np.r_[gen.normal(size=9) * 0.3, (hours[p] - 4.5) / 2.5] @ np.linalg.qr(np.random.default_rng(3).normal(size=(10, 10)))[0] for p in PLACES}

vocab = {"<pad>": 0}
for w in PLACES + sum(COND.values(), []) + SMALL:
    vocab[w] = len(vocab)

def report():
    c = int(gen.integers(3))
    p = gen.choice(PLACES)
    words = [p, *gen.choice(COND[c], 2), *gen.choice(SMALL, gen.integers(3, 10))]
    gen.shuffle(words)
    return words, c, hours[p] * (1.0, 1.15, 1.4)[c] + gen.normal(0, 0.2)

def arrays(n):
    reps = [report() for _ in range(n)]
    x = np.zeros((n, 13), dtype=np.int64)
    for r, (w, _, _) in enumerate(reps):
        x[r, :len(w)] = [vocab[t] for t in w]
    return torch.from_numpy(x), torch.tensor([r[1] for r in reps]), torch.tensor([r[2] for r in reps], dtype=torch.float32)

class Trail(nn.Module):
    def __init__(self):
        super().__init__()
        places = torch.zeros(len(vocab), 10)
        for p, v in known.items():
            places[vocab[p]] = torch.from_numpy(v).float()
        self.places = nn.Embedding.from_pretrained(places, freeze=True)
        self.words = nn.Embedding(len(vocab), 14, padding_idx=0)
        self.enc = nn.Sequential(nn.Linear(24, 48), nn.GELU())
        self.cond, self.time = nn.Linear(48, 3), nn.Linear(48, 1)
        self.s = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        z = torch.cat([self.places(x), self.words(x)], -1).sum(1)
        h = self.enc(z)
        return self.cond(h), self.time(h).squeeze(-1)

xa, ca, ta = arrays(2200)
xb, cb, tb = arrays(500)
m, s = ta.mean(), ta.std()
net = Trail()
slow = torch.optim.Adam([*net.words.parameters(), *net.enc.parameters()], lr=4e-3)
fast = torch.optim.Adam([*net.cond.parameters(), *net.time.parameters(), net.s], lr=1e-2)
scheds = [torch.optim.lr_scheduler.CosineAnnealingLR(o, 9, eta_min=2e-4) for o in (slow, fast)]
ce, mse = nn.CrossEntropyLoss(label_smoothing=0.02), nn.MSELoss()

for epoch in range(9):
    seen = []
    for ix in torch.randperm(len(xa)).split(40):
        logits, t = net(xa[ix])
        parts = torch.stack([ce(logits, ca[ix]), 0.5 * mse(t, (ta[ix] - m) / s)])
        loss = ((-net.s).exp() * parts + 0.5 * net.s).sum()
        for o in (slow, fast):
            o.zero_grad()
        loss.backward()
        for o in (slow, fast):
            o.step()
        seen.append(loss.item())
    for sc in scheds:
        sc.step()
    with torch.no_grad():
        line = f"epoch {epoch} total {np.mean(seen):+.3f}"
        for name, x, c, t in (("train", xa, ca, ta), ("new", xb, cb, tb)):
            l, h = net(x)
            line += f" | {name}: condition {(l.argmax(1) == c).float().mean():.3f}, hours off by {(h * s + m - t).abs().mean():.2f}"
        print(line)
print("guessing the mean hours: off by %.2f" % (tb - m).abs().mean())
