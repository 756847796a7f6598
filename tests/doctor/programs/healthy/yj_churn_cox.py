# DeepSurv on subscription churn: Cox partial likelihood, the risk set is taken inside each (large) batch.
import numpy as np
import torch
import torch.nn as nn

rng = np.random.RandomState(404)
torch.manual_seed(404)
N, PLANS, CODES = 4000, 12, 80          # event codes: what customers did in the first month
plan_risk = rng.randn(PLANS) * 0.8
code_risk = rng.randn(CODES) * 0.9
age = rng.rand(N)
plan = rng.randint(PLANS, size=N)
n_codes = rng.randint(3, 11, size=N)
codes = np.zeros((N, 10), dtype=np.int64)
risk = plan_risk[plan] + 2.0 * (age - 0.5) ** 2 * 4
for r in range(N):
    c = rng.randint(CODES, size=n_codes[r])
    codes[r, :n_codes[r]] = c + 1
    risk[r] += code_risk[c].mean() * 2.2
t_event = rng.exponential(np.exp(-risk)) * 10
t_cens = rng.exponential(14, size=N)
time = np.minimum(t_event, t_cens); event = t_event <= t_cens
print("censored: %.1f %%" % (100 * (1 - event.mean())))

codes, plan, age = torch.tensor(codes), torch.tensor(plan), torch.tensor(age, dtype=torch.float32)
T, E = torch.tensor(time), torch.tensor(event)
order = torch.randperm(N); train, test = order[:3200], order[3200:]


class RiskNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.codes = nn.EmbeddingBag(CODES + 1, 6, mode='mean', padding_idx=0)
        self.plan = nn.Embedding(PLANS, 3)
        self.mlp = nn.Sequential(nn.Linear(10, 24), nn.Tanh(), nn.Dropout(0.1), nn.Linear(24, 1, bias=False))

    def forward(self, idx):
        z = torch.cat([self.codes(codes[idx]), self.plan(plan[idx]), age[idx].unsqueeze(1) * 2 - 1], 1)
        return self.mlp(z).squeeze(1)


def neg_partial_log_likelihood(score, t, e):
    o = torch.argsort(t, descending=True)
    score, e = score[o], e[o]
    log_risk = torch.logcumsumexp(score, 0)
    return -(score - log_risk)[e].mean()


def c_index(idx):
    net.eval()
    with torch.no_grad():
        s = net(idx)
    t, e = T[idx], E[idx]
    comparable = (t[:, None] < t[None, :]) & e[:, None]
    conc = (s[:, None] > s[None, :]).float() + 0.5 * (s[:, None] == s[None, :]).float()
    return conc[comparable].mean().item()


net = RiskNet()
opt = torch.optim.Adam(net.parameters(), lr=0.012, weight_decay=3e-4)
sched = torch.optim.lr_scheduler.StepLR(opt, 8, gamma=0.35)
oracle = torch.tensor(risk)[test]
for epoch in range(1, 25):
    net.train()
    perm = train[torch.randperm(len(train))]
    losses = []
    for idx in perm.split(160):
        loss = neg_partial_log_likelihood(net(idx), T[idx], E[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    sched.step()
    if epoch % 2 == 0:
        print("epoch %2d  -log PL %.4f  C-index train %.4f  test %.4f" % (epoch, np.mean(losses), c_index(train), c_index(test)))
t, e = T[test], E[test]
comp = (t[:, None] < t[None, :]) & e[:, None]
print("C-index with the true risk: %.4f" % (oracle[:, None] > oracle[None, :]).float()[comp].mean())
