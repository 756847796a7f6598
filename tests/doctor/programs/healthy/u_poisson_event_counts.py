"""How many people does a diary line mention?  Poisson regression on summed word rates (no loss is positive here)."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(3)
torch.manual_seed(3)

GROUPS = {"couple": 2, "trio": 3, "quartet": 4, "friend": 1, "neighbour": 1, "aunt": 1, "team": 11, "class": 20,
          "choir": 15, "crew": 6, "twins": 2, "guard": 1, "doctor": 1, "family": 4, "band": 5, "jury": 12}
FILL = ("in the morning we met by chance near old bridge under rain with tea bread and talk about work weather "
        "children money trains garden letters before going home late").split()
words = list(GROUPS) + FILL
ident = {w: i for i, w in enumerate(words)}


def line():
    k = rng.integers(1, 5)
    toks = list(rng.choice(list(GROUPS), k)) + list(rng.choice(FILL, rng.integers(4, 14)))
    rng.shuffle(toks)
    mean = sum(GROUPS.get(t, 0) for t in toks)
    return [ident[t] for t in toks], rng.poisson(mean)


class RateSum(nn.Module):
    """log of the summed, positive word rates"""

    def __init__(self, n):
        super().__init__()
        self.raw = nn.EmbeddingBag(n, 1, mode="sum")
        nn.init.constant_(self.raw.weight, 0.0)

    def forward(self, flat, offs):
        rate = nn.functional.embedding_bag(flat, nn.functional.softplus(self.raw.weight), offs, mode="sum")
        return rate.squeeze(1).log()


def pack(rows):
    flat = torch.tensor([i for ids, _ in rows for i in ids])
    lens = torch.tensor([len(ids) for ids, _ in rows])
    return flat, torch.cat([torch.zeros(1, dtype=torch.long), lens.cumsum(0)[:-1]]), torch.tensor(
        [c for _, c in rows], dtype=torch.float32)


data = [line() for _ in range(3600)]
train, dev = data[:3000], data[3000:]
model = RateSum(len(words))
criterion = nn.PoissonNLLLoss(log_input=True, full=False)
optimizer = torch.optim.Adam(model.parameters(), lr=0.5)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.65)


def deviance(y, mu):
    t = np.where(y > 0, y * np.log(np.maximum(y, 1) / mu), 0.0)
    return 2 * (t - (y - mu)).mean()


for epoch in range(7):
    order = rng.permutation(len(train))
    losses = []
    for s in range(0, len(order), 60):
        flat, offs, y = pack([train[i] for i in order[s:s + 60]])
        loss = criterion(model(flat, offs), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    with torch.no_grad():
        out = {}
        for name, part in (("train", train), ("dev", dev)):
            flat, offs, y = pack(part)
            mu = model(flat, offs).exp().numpy()
            y = y.numpy()
            out[name] = 1 - deviance(y, mu) / deviance(y, np.full_like(mu, y.mean()))
    print(f"epoch {epoch} poisson nll {np.mean(losses):8.3f}   deviance explained: train {out['train']:.3f} dev {out['dev']:.3f}")
with torch.no_grad():
    r = nn.functional.softplus(model.raw.weight).squeeze(1)
for w in ("couple", "team", "class", "friend", "bridge"):
    print(f"  rate[{w}] = {r[ident[w]]:.2f}")
