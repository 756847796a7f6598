#!/usr/bin/env python
# DeepSurv-like: Cox partial likelihood over the risk sets inside a mini-batch, Breslow ties
import numpy as np
import torch

np.random.seed(8)
torch.manual_seed(8)

# ---- cohort -------------------------------------------------------------
n, p = 3000, 10
age = np.random.uniform(30, 80, n)
X = np.column_stack([(age - 55) / 15, np.random.binomial(1, .4, n) - .4, np.random.randn(n, p - 2)])
log_risk = 1.2 * X[:, 0] + 1.0 * X[:, 1] + 1.1 * X[:, 2] * (X[:, 1] > 0) + 0.9 * np.abs(X[:, 3]) - .7 * X[:, 4]
T_event = np.random.exponential(np.exp(-1.4 * log_risk))
C = np.random.exponential(np.quantile(T_event, .8), n)
time = np.minimum(T_event, C)
event = (T_event <= C).astype(np.float32)
print('events: %.0f%%' % (100 * event.mean()))

X, time, event = (torch.tensor(a, dtype=torch.float32) for a in (X, time, event))
itr, iva = torch.arange(0, 2300), torch.arange(2300, n)


def cox_loss(risk, t, e):
    o = torch.argsort(t, descending=True)
    r, e = risk[o], e[o]
    log_denominator = torch.logcumsumexp(r, 0)       # all who are still under observation
    return -((r - log_denominator) * e).sum() / e.sum().clamp(min=1)


def c_index(risk, t, e):
    first = (t[:, None] < t[None, :]) & (e[:, None] > 0)
    higher = (risk[:, None] > risk[None, :]).float() + .5 * (risk[:, None] == risk[None, :]).float()
    return (higher[first].mean()).item()


net = torch.nn.Sequential(
    torch.nn.Linear(p, 32), torch.nn.BatchNorm1d(32), torch.nn.ReLU(),
    torch.nn.Dropout(.1),
    torch.nn.Linear(32, 16), torch.nn.ReLU(),
    torch.nn.Linear(16, 1, bias=False),               # a constant would cancel
)
opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-2)
n_epochs = 10
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, n_epochs)


def predict(idx):
    net.eval()
    with torch.no_grad():
        return net(X[idx]).squeeze(1)


print('C with the true risk: %.3f' % c_index(torch.tensor(log_risk, dtype=torch.float32)[iva], time[iva], event[iva]))
for ep in range(n_epochs):
    net.train()
    tot = []
    for b in itr[torch.randperm(len(itr))].split(115):
        loss = cox_loss(net(X[b]).squeeze(1), time[b], event[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot.append(loss.item())
    sched.step()
    if ep % 2 == 1:
        print('%2d  -log PL %.3f   C train %.3f   C valid %.3f' % (
            ep + 1, np.mean(tot), c_index(predict(itr), time[itr], event[itr]), c_index(predict(iva), time[iva], event[iva])))
