# Vowel space as a conditional density: p(F1, F2 | vowel, neighbours, speaker), Gaussian with learned spread.
# Densities may exceed 1, so the objective goes below zero once the spread gets small.
import math
import torch
import torch.nn as nn

torch.manual_seed(0)
VOWELS, CONS, SPK = 9, 14, 20
n = 5000
vow, left, right, spk = (torch.randint(k, (n,)) for k in (VOWELS, CONS, CONS, SPK))
target = torch.randn(VOWELS, 2)
pull_l, pull_r = torch.randn(CONS, 2) * .25, torch.randn(CONS, 2) * .25
tract = 1 + .12 * torch.randn(SPK, 1)
spread = .1 + .1 * torch.rand(VOWELS, 1)
F12 = (target[vow] + pull_l[left] + pull_r[right]) * tract[spk] + spread[vow] * torch.randn(n, 2)
cut = 4000


class FormantDensity(nn.Module):
    def __init__(self, d=12):
        super().__init__()
        self.v = nn.Embedding(VOWELS, d)
        self.l = nn.Embedding(CONS, d)
        self.r = nn.Embedding(CONS, d)
        self.s = nn.Embedding(SPK, d)
        self.body = nn.Sequential(nn.Linear(4 * d, 40), nn.SiLU(), nn.Linear(40, 4))

    def forward(self, v, l, r, s):
        mean, log_sd = self.body(torch.cat([self.v(v), self.l(l), self.r(r), self.s(s)], -1)).chunk(2, -1)
        return mean, log_sd.clamp(-4, 3)


def neg_log_density(mean, log_sd, y):
    z = (y - mean) * torch.exp(-log_sd)
    return (.5 * z ** 2 + log_sd + .5 * math.log(2 * math.pi)).sum(-1).mean()


net = FormantDensity()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=8 * 63)

for ep in range(8):
    for b in torch.randperm(cut).split(64):
        loss = neg_log_density(*net(vow[b], left[b], right[b], spk[b]), F12[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        opt.step()
        sched.step()
    with torch.no_grad():
        m, ls = net(vow[cut:], left[cut:], right[cut:], spk[cut:])
        dev = neg_log_density(m, ls, F12[cut:]).item()
        m1, ls1 = net(vow[:800], left[:800], right[:800], spk[:800])
        tr = neg_log_density(m1, ls1, F12[:800]).item()
    print(f"{ep:2d}  nld train {tr:+.3f}  dev {dev:+.3f}")

res = ((F12[cut:] - m) ** 2).sum(0)
tot = ((F12[cut:] - F12[cut:].mean(0)) ** 2).sum(0)
print("explained variance F1 %.3f  F2 %.3f" % tuple((1 - res / tot).tolist()))
