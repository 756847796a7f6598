"""Cox partial likelihood over made-up patient histories (sets of event codes), right-censored."""
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(17)
torch.manual_seed(17)
CODES = 80
effect = np.where(rng.random(CODES) < .4, rng.normal(0, .9, CODES), 0.)


def cohort(n):
    sets = [rng.choice(CODES, rng.integers(4, 13), replace=False) for _ in range(n)]
    risk = np.array([effect[s].sum() for s in sets])
    t = rng.exponential(1 / np.exp(risk))
    c = rng.exponential(np.exp(-risk.mean()) * 4, n)
    return [torch.tensor(s) for s in sets], torch.tensor(np.minimum(t, c)).float(), torch.tensor(t <= c)


def pack(sets):
    return torch.cat(sets), torch.tensor([0] + [len(s) for s in sets[:-1]]).cumsum(0)


class Hazard(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.codes = nn.EmbeddingBag(CODES, d, mode="sum")
        nn.init.normal_(self.codes.weight, std=.2)
        self.beta = nn.Linear(d, 1, bias=False)       # an intercept would cancel out

    def forward(self, sets):
        return self.beta(self.codes(*pack(sets))).squeeze(1)


def partial(eta, t, event):
    """mean over the events of log(sum of exp over those still at risk) - eta;  no ties in continuous time"""
    o = t.argsort(descending=True)
    at_risk = eta[o].logcumsumexp(0)
    return (at_risk - eta[o])[event[o]].mean()


def concordance(eta, t, event):
    usable = event[:, None] & (t[:, None] < t[None])
    d = eta[:, None] - eta[None]
    return ((d > 0).float() + .5 * (d == 0).float())[usable].mean().item()


sets, t, ev = cohort(2600)
cut = 2000
net = Hazard()
opt = torch.optim.Adam(net.parameters(), lr=.01, weight_decay=1e-4)
print(f"censored: {1 - ev.float().mean():.2f}")
for epoch in range(8):
    tot = []
    for idx in torch.randperm(cut).split(100):
        loss = partial(net([sets[i] for i in idx.tolist()]), t[idx], ev[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot.append(loss.item())
    with torch.no_grad():
        a, b = net(sets[:cut]), net(sets[cut:])
    print(f"epoch {epoch}  partial nll {np.mean(tot):.3f}  C train {concordance(a, t[:cut], ev[:cut]):.3f} "
          f" C test {concordance(b, t[cut:], ev[cut:]):.3f}")

best = torch.tensor([effect[s.numpy()].sum() for s in sets[cut:]])
print(f"C of the true risk {concordance(best, t[cut:], ev[cut:]):.3f}")
te, tt, ee = b, t[cut:], ev[cut:]
boot = [concordance(te[i], tt[i], ee[i]) for i in (torch.randint(len(te), (len(te),)) for _ in range(30))]
print("bootstrap 90%% interval of C: %.3f .. %.3f" % tuple(np.quantile(boot, [.05, .95])))
