# How many people will sit at the table? Counts from booking notes, log link, Poisson likelihood.
import numpy as np, torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

rs = np.random.RandomState(42)
torch.manual_seed(42)

effect = {"family": .9, "couple": .2, "wedding": 2.2, "birthday": 1.4, "colleagues": 1.2, "alone": -.9, "lunch": -.1,
          "dinner": .1, "big": .5, "small": -.4, "meeting": .6, "children": .5, "team": 1.1, "tour": 1.7, "friend": .1}
neutral = ("table by the window please we would like at seven eight tonight tomorrow with for some wine vegetarian "
           "garden terrace quiet music near fireplace thank you").split()
words = ["<pad>"] + list(effect) + neutral
ix = {w: i for i, w in enumerate(words)}
T = 14


def note():
    k = rs.randint(1, 3)
    strong = list(rs.choice(list(effect), size=k, replace=False))
    rest = list(rs.choice(neutral, size=rs.randint(3, T - k + 1)))
    toks = strong + rest
    rs.shuffle(toks)
    lam = np.exp(0.8 + sum(effect[s] for s in strong))
    return [ix[t] for t in toks] + [0] * (T - len(toks)), rs.poisson(lam), lam


raw = [note() for _ in range(4600)]
x = torch.tensor([r[0] for r in raw]); y = torch.tensor([float(r[1]) for r in raw]); lam = torch.tensor([r[2] for r in raw])
tr, te = slice(0, 4000), slice(4000, None)


class CountNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(words), 1, padding_idx=0)     # one number per word is all a log-linear model needs
        nn.init.zeros_(self.e.weight)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, ids):
        return self.e(ids).sum(1).squeeze(-1) + self.bias       # log of the rate; padding adds zero


model = CountNet()
model.bias.data.fill_(float(y[tr].mean().log()))
crit = nn.PoissonNLLLoss(log_input=True, full=False)            # without log(y!), so it can well be below zero
optim = torch.optim.Adam(model.parameters(), lr=0.04)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optim, T_max=8)
loader = DataLoader(TensorDataset(x[tr], y[tr]), batch_size=64, shuffle=True)


def deviance(log_rate, y):
    mu = log_rate.exp()
    return (2 * (torch.xlogy(y, y / mu) - (y - mu))).mean().item()


null = deviance(y[tr].mean().log().expand_as(y[te]), y[te])
for ep in range(8):
    model.train(); run = []
    for xb, yb in loader:
        out = model(xb)
        loss = crit(out, yb)
        optim.zero_grad()
        loss.backward()
        optim.step()
        run.append(loss.item())
    sched.step()
    model.eval()
    with torch.no_grad():
        pt, pr = model(x[te]), model(x[tr])
    print(f"[{ep}] loss {np.mean(run):+.4f} | deviance train {deviance(pr, y[tr]):.4f} test {deviance(pt, y[te]):.4f} "
          f"(null {null:.2f}) | corr with true rate {np.corrcoef(pt.exp(), lam[te])[0, 1]:.4f}")
for w in ("wedding", "alone", "family"):
    print(w, "x%.2f" % model.e.weight[ix[w]].exp().item(), "(true x%.2f)" % np.exp(effect[w]))
