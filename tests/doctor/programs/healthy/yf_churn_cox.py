"""Time until a subscriber leaves, from a line of CRM notes. Cox partial likelihood, right censoring, full sorted batches."""
import random

import numpy as np
import torch

random.seed(3)
np.random.seed(3)
torch.manual_seed(3)

RISK = {"refund": .9, "complaint": 1.1, "outage": .7, "late": .5, "competitor": 1.3, "expensive": .8, "cancel": 1.4, "rude": .6,
        "upgrade": -.9, "happy": -1.1, "referral": -1.3, "loyal": -.8, "discount": -.5, "praise": -1.0, "family": -.6}
FILL = ("call email visit about account billing plan line router today agent note spoke with customer left message pending next "
        "month invoice question answered device second street office user support chat").split()


def note():
    n = random.randint(6, 16)
    return [random.choice(list(RISK)) if random.random() < .35 else random.choice(FILL) for _ in range(n)]


notes = list({tuple(note()): None for _ in range(3300)})[:3200]
risk = np.array([sum(RISK.get(w, 0.) for w in set(t)) for t in notes])
t_event = np.random.exponential(1.0, len(notes)) * 24 * np.exp(-1.2 * risk)
t_cens = np.random.uniform(2, 120, len(notes))
time = np.minimum(t_event, t_cens)
event = (t_event <= t_cens).astype(np.float32)
print(f"{len(notes)} customers, {event.mean():.2f} left in the window")

vocab = {w: i for i, w in enumerate(sorted(set(FILL) | set(RISK)))}
X = torch.zeros(len(notes), len(vocab))
for r, t in enumerate(notes):
    X[r, [vocab[w] for w in t]] = 1
n_tr = 2400
T, D = torch.tensor(time, dtype=torch.float32), torch.tensor(event)


def neg_partial_log_likelihood(score, t, d):
    order = torch.argsort(t, descending=True)          # the risk set of i = everybody up to i
    s, d = score[order], d[order]
    return -((s - torch.logcumsumexp(s, 0)) * d).sum() / d.sum()


def c_index(score, t, d):
    s, t, d = score.numpy(), t.numpy(), d.numpy()
    first = (t[:, None] < t[None, :]) & (d[:, None] == 1)
    return float(((s[:, None] > s[None, :]) & first).sum() / first.sum())


net = torch.nn.Sequential(torch.nn.Linear(len(vocab), 8), torch.nn.ELU(), torch.nn.Linear(8, 1, bias=False))
opt = torch.optim.NAdam(net.parameters(), lr=0.02, weight_decay=1e-3)
warm, total = 20, 200
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1, (s + 1) / warm) * 0.5 * (1 + np.cos(np.pi * s / total)))
step = 0
for epoch in range(8):
    net.train()
    ll = []
    for ix in torch.randperm(n_tr).chunk(25):
        loss = neg_partial_log_likelihood(net(X[ix]).squeeze(1), T[ix], D[ix])
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        step += 1
        ll.append(loss.item())
    net.eval()
    with torch.no_grad():
        s = net(X).squeeze(1)
    print(f"epoch {epoch} ({step} steps) -logPL {np.mean(ll):.4f}  C-index train {c_index(s[:n_tr], T[:n_tr], D[:n_tr]):.4f}"
          f"  test {c_index(s[n_tr:], T[n_tr:], D[n_tr:]):.4f}")
print("true risk on test: %.4f" % c_index(torch.tensor(risk[n_tr:]), T[n_tr:], D[n_tr:]))
