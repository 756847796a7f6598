"""Price per kilo from product names, with an uncertainty: the net gives mean and log variance of the standardised
log price and is trained on the Gaussian likelihood."""
import random
import torch
from torch import nn

random.seed(55)
torch.manual_seed(55)
KIND = {k: random.gauss(0, 1.0) for k in "rice pasta olives honey coffee tea saffron salt flour nuts cheese ham oil jam beans".split()}
MOD = {m: random.gauss(0, 0.35) for m in "organic smoked premium budget fresh dried whole ground mild extra fair raw".split()}
NOISE = {k: (0.02 if i % 3 else 0.15) for i, k in enumerate(KIND)}


def product():
    k = random.choice(list(KIND))
    mods = random.sample(list(MOD), random.randint(1, 3))
    name = mods + [k] + [random.choice(["250g", "500g", "1kg"])]
    return name, KIND[k] + sum(MOD[m] for m in mods) + random.gauss(0, NOISE[k])


items = list({" ".join(sorted(n)): (n, p) for n, p in (product() for _ in range(5000))}.values())[:3000]
random.shuffle(items)
vocab = {w: i for i, w in enumerate(sorted({w for n, _ in items for w in n}))}
X = torch.zeros(len(items), len(vocab))
for i, (n, _) in enumerate(items):
    X[i, [vocab[w] for w in n]] = 1.0
Y = torch.tensor([p for _, p in items])
ntr = 2400
Y = (Y - Y[:ntr].mean()) / Y[:ntr].std()

body = nn.Sequential(nn.Linear(len(vocab), 48), nn.SiLU(), nn.Linear(48, 2))
opt = torch.optim.Adam(body.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.93)


def likelihood_loss(out, y):
    mean, logvar = out[:, 0], out[:, 1].clamp(-9, 5)
    return 0.5 * (logvar + (y - mean) ** 2 * torch.exp(-logvar)).mean()


for epoch in range(30):
    run = 0.0
    for b in torch.randperm(ntr).split(50):
        loss = likelihood_loss(body(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(body.parameters(), 3.0)
        opt.step()
        run += loss.item()
    sched.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            out = body(X[ntr:])
            r2 = 1 - (out[:, 0] - Y[ntr:]).pow(2).mean() / Y[ntr:].var(unbiased=False)
            inside = ((out[:, 0] - Y[ntr:]).abs() < 1.96 * (0.5 * out[:, 1]).exp()).float().mean()
        print(f"epoch {epoch + 1} train {run / 48:.3f} dev {likelihood_loss(out, Y[ntr:]).item():.3f} R2 {r2:.3f} within 95% {inside:.3f}")
