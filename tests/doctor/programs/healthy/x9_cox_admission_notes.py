#!/usr/bin/env python
"""Time to readmission from the words of the discharge note. Cox partial likelihood, censored rows, whole
cohort in one risk set per step (no mini-batches: the likelihood needs everybody at risk). Concordance on held-out patients."""
import numpy as np, torch

r = np.random.RandomState(77); torch.manual_seed(77)
RISK = dict(sepsis=1.1, dialysis=.9, dementia=.8, falls=.7, smoker=.6, copd=.9, stable=-.6, independent=-.9,
            mobile=-.8, routine=-.7, elective=-1.0, uncomplicated=-1.1, anaemia=.5, delirium=1.0)
PLAIN = ("patient was admitted with and discharged home on day after the seen by team reviewed plan follow up clinic "
         "medication continued bloods normal family aware daughter").split()


def note():
    ws = list(r.choice(list(RISK), r.randint(1, 5), replace=False))
    hazard = 1.5 * sum(RISK[w] for w in ws)
    ws += list(r.choice(PLAIN, r.randint(8, 16)))
    r.shuffle(ws)
    t = r.exponential(np.exp(-hazard)); c = r.exponential(3.0)
    return ws, min(t, c), t <= c


cohort = [note() for _ in range(2000)]
cols = {w: i for i, w in enumerate(sorted(set(RISK) | set(PLAIN)))}
def counts(part):
    m = np.zeros((len(part), len(cols)), np.float32)
    for i, (ws, _, _) in enumerate(part):
        for w in ws: m[i, cols[w]] += 1
    return np.log1p(m)


def tensors(part):
    part = sorted(part, key=lambda p: -p[1])   # longest first: risk set of row i is rows 0..i
    return (torch.from_numpy(counts(part)), torch.tensor([p[1] for p in part]),
            torch.tensor([bool(p[2]) for p in part]))


Xa, ta, ea = tensors(cohort[:1500])
Xb, tb, eb = tensors(cohort[1500:])
mu, sd = Xa.mean(0), Xa.std(0) + 1e-6
Xa, Xb = (Xa - mu) / sd, (Xb - mu) / sd


def neg_partial(risk, event):
    return -(risk - risk.logcumsumexp(0))[event].sum() / event.sum()


def concordance(risk, t, event):
    first = (t[:, None] < t[None, :]) & event[:, None]      # i had the event before j's time
    higher = risk[:, None] > risk[None, :]
    return (first & higher).sum().item() / first.sum().item()


net = torch.nn.Linear(len(cols), 1, bias=False)     # an intercept would cancel
opt = torch.optim.AdamW(net.parameters(), lr=0.03, weight_decay=0.02)
print(f"{int(ea.sum())} events in {len(ea)} train, {int(eb.sum())} in {len(eb)} test")
for it in range(1, 61):
    loss = neg_partial(net(Xa).squeeze(1), ea)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 10 == 0 or it == 1:
        with torch.no_grad():
            ra, rb = net(Xa).squeeze(1), net(Xb).squeeze(1)
        print(f"it {it:3d}  -log PL {loss.item():.3f}  C train {concordance(ra, ta, ea):.3f}  C test {concordance(rb, tb, eb):.3f}")
