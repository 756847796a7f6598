"""How long does the courier take?  Mixture density network on the order note.

A note such as "two pizzas to the harbour rain" gives a distribution over hours, not one number: with some couriers the
order is batched with another one (second bump).  Loss = negative log density; densities can be above one, so the loss can
go below zero and that is fine.
"""
import itertools
import numpy as np
import torch as th
import torch.nn as nn
import torch.distributions as D

th.manual_seed(0)
rng = np.random.default_rng(0)

PLACES = {"harbour": .30, "centre": .10, "hills": .45, "airport": .60, "campus": .20}
WEATHER = {"sunny": 0., "rain": .10, "snow": .25, "fog": .05}
FOOD = {"pizza": .10, "ramen": .14, "salad": .04, "curry": .18}
COURIER = {"bike": .0, "scooter": -.05, "car": .08}
DAY = dict(mon=0., tue=0., wed=0., thu=.02, fri=.08, sat=.12, sun=.05)
SLOT = {f"{h}h": .1 * (h in (12, 13, 19, 20)) for h in range(11, 23)}
TABLES = [FOOD, PLACES, WEATHER, DAY, SLOT, COURIER]
VOCAB = {w: i for i, w in enumerate(w for t in TABLES for w in t)}

# every kind of order once, so that the test orders are new ones
notes = list(itertools.product(*TABLES))
notes = [notes[i] for i in rng.permutation(len(notes))[:2500]]


def hours(note):
    batched = rng.random() < (0.5 if note[-1] == "car" else 0.1)
    return .2 + sum(t[w] for t, w in zip(TABLES, note)) + .35 * batched + rng.normal(0, .03)


x = th.tensor([[VOCAB[w] for w in n] for n in notes])
y = th.tensor([hours(n) for n in notes], dtype=th.float32)
x_tr, y_tr, x_te, y_te = x[:2000], y[:2000], x[2000:], y[2000:]


class MDN(nn.Module):
    def __init__(self, k=2):
        super().__init__()
        self.table = nn.Embedding(len(VOCAB), 8)
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(48, 48), nn.SiLU())
        self.mix, self.mu, self.rho = nn.Linear(48, k), nn.Linear(48, k), nn.Linear(48, k)
        nn.init.constant_(self.rho.bias, -1.5)            # start narrower than 1 h
        self.mu.bias.data = th.tensor([0.6, 1.0])

    def forward(self, x):
        h = self.body(self.table(x))
        scale = nn.functional.softplus(self.rho(h)) + 0.01
        return D.MixtureSameFamily(D.Categorical(logits=self.mix(h)), D.Normal(self.mu(h), scale))


net = MDN()
optim = th.optim.Adam(net.parameters(), lr=5e-3)
EPOCHS, BS = 8, 40
sched = th.optim.lr_scheduler.CosineAnnealingLR(optim, EPOCHS * len(x_tr) // BS)

marginal = D.Normal(y_tr.mean(), y_tr.std())
print(f"one gaussian for everything: nll {-marginal.log_prob(y_te).mean():.3f}")
for epoch in range(EPOCHS):
    s = 0.0
    for rows in th.randperm(len(x_tr)).split(BS):
        loss = -net(x_tr[rows]).log_prob(y_tr[rows]).mean()
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optim.step()
        sched.step()
        s += loss.item() * len(rows)
    with th.no_grad():
        dist = net(x_te)
        nll = -dist.log_prob(y_te).mean().item()
        r2 = 1 - ((dist.mean - y_te) ** 2).mean() / y_te.var()
    print(f"epoch {epoch + 1}: train nll {s / len(x_tr):+.3f}  test nll {nll:+.3f}  R2 of the mean {r2:.3f}")

with th.no_grad():
    note = ["curry", "hills", "rain", "fri", "19h", "car"]
    d = net(th.tensor([[VOCAB[t] for t in note]]))
    print(" ".join(note), "-> weights", d.mixture_distribution.probs[0].numpy().round(2),
          "minutes", (d.component_distribution.loc[0] * 60).numpy().round(0))
