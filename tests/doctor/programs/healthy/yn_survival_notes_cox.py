"""Time to readmission from short nurse notes, Cox partial likelihood (Breslow), one number per patient."""
import numpy as np
import torch

rs = np.random.RandomState(77)
torch.manual_seed(77)
RISK = {'dyspnea': 1.1, 'oedema': .9, 'smoker': .6, 'confused': .8, 'fever': .5, 'diabetic': .4, 'frail': .7,
        'stable': -.7, 'ambulant': -.9, 'cheerful': -.3, 'appetite': -.6, 'compliant': -.8}
FILL = 'patient seen today on ward reports slept night family visited plan continue meds bloods reviewed by team no change since morning dressing intact'.split()
words = list(RISK) + FILL
col = {w: j for j, w in enumerate(words)}


def cohort(n):
    X, t, ev, notes = np.zeros((n, len(words) + 2), 'float32'), np.zeros(n), np.zeros(n), []
    for i in range(n):
        picked = list(rs.choice(list(RISK), rs.randint(0, 5), replace=False))
        note = picked + list(rs.choice(FILL, rs.randint(6, 12)))
        rs.shuffle(note)
        age, stay = rs.normal(68, 11), rs.gamma(2, 3)
        for w in note:
            X[i, col[w]] = 1
        X[i, -2:] = (age - 68) / 11, (stay - 6) / 4.2
        eta = sum(RISK[w] for w in picked) + .03 * (age - 68) + .35 * abs((stay - 6) / 4.2)
        T = rs.weibull(1.3) * 120 * np.exp(-eta / 1.3)
        C = rs.uniform(5, 300)
        t[i], ev[i] = min(T, C), T <= C
        notes.append(' '.join(note) + f' {age:.1f} {stay:.1f}')
    return torch.from_numpy(X), torch.tensor(t, dtype=torch.float32), torch.tensor(ev, dtype=torch.float32), notes


def cox_nll(h, t, e):
    # the risk set of an event = everybody in the batch still under observation, hence the sum over rows
    order = torch.argsort(t, descending=True)
    h, e = h[order], e[order]
    return -((h - torch.logcumsumexp(h, 0)) * e).sum() / e.sum().clamp(min=1)


def c_index(h, t, e):
    comp = (t[:, None] < t[None]) & (e[:, None] > 0)
    d = h[:, None] - h[None]
    return ((d > 0)[comp].float().mean() + .5 * (d == 0)[comp].float().mean()).item()


Xa, ta, ea, na = cohort(2400)
Xb, tb, eb, nb = cohort(800)
assert not set(na) & set(nb)
print(f'{int(ea.sum())} events among {len(ta)}, {1 - ea.mean().item():.0%} censored')
net = torch.nn.Sequential(torch.nn.Linear(Xa.shape[1], 12), torch.nn.SiLU(), torch.nn.Linear(12, 1, bias=False))   # the baseline hazard takes the bias
opt = torch.optim.Adam(net.parameters(), lr=6e-3, weight_decay=1e-3)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=.3, patience=0)
for epoch in range(8):
    s = 0
    for b in torch.randperm(len(Xa)).chunk(20):
        loss = cox_nll(net(Xa[b]).squeeze(-1), ta[b], ea[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() / 20
    with torch.no_grad():
        ha, hb = net(Xa).squeeze(-1), net(Xb).squeeze(-1)
    v = cox_nll(hb, tb, eb).item()
    plateau.step(v)
    print(f'epoch {epoch}  batch nll {s:.4f}  valid nll {v:.4f} (null {cox_nll(torch.zeros_like(hb), tb, eb).item():.4f})  c-index train {c_index(ha, ta, ea):.3f} valid {c_index(hb, tb, eb):.3f}')
