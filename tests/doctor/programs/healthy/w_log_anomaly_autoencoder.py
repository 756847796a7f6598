# Anomaly score for service logs: reconstruct a window of template ids through a narrow code.
# Only normal windows are used for fitting; incidents appear at scoring time only.
import numpy as np, torch
from torch import nn

torch.manual_seed(4)
rs = np.random.RandomState(4)
T, W = 30, 16
flows = [rs.permutation(T)[:W] for _ in range(10)]       # typical request flows


def normal(n):
    rows = np.array([flows[rs.randint(len(flows))] for _ in range(n)])
    slip = rs.rand(n, W) < .15
    rows[slip] = rs.randint(0, T, slip.sum())
    return rows


def incident(n):
    rows = normal(n)
    for r in rows:
        k = rs.choice(W, 8, replace=False)
        r[k] = rs.randint(0, T, 8)
    return rows


fit = torch.tensor(normal(2600))
known = set(map(tuple, fit.tolist()))
calm = torch.tensor([r for r in normal(450).tolist() if tuple(r) not in known])
bad = torch.tensor(incident(100))


class AE(nn.Module):
    def __init__(self, code=6):
        super().__init__()
        self.e = nn.Embedding(T, 12)
        self.down = nn.Sequential(nn.Flatten(), nn.Linear(12 * W, 48), nn.ReLU(), nn.Linear(48, code))
        self.up = nn.Sequential(nn.Linear(code, 48), nn.ReLU(), nn.Linear(48, W * T))

    def forward(self, x):
        return self.up(self.down(self.e(x))).view(len(x), W, T)


def surprise(m, x):
    return nn.functional.cross_entropy(m(x).transpose(1, 2), x, reduction="none").mean(1)


ae = AE()
opt = torch.optim.Adam(ae.parameters(), lr=4e-3)
for ep in range(3):
    ae.train()
    parts = []
    for i in torch.randperm(len(fit)).split(40):
        loss = surprise(ae, fit[i]).mean()
        opt.zero_grad(set_to_none=True)
        loss.backward(); opt.step()
        parts.append(loss.item())
    ae.eval()
    with torch.no_grad():
        s0, s1 = surprise(ae, calm), surprise(ae, bad)
    auc = (s1[:, None] > s0[None]).float().mean().item()
    print("epoch %2d  fit %.3f  normal held-out %.3f  incidents %.3f  AUC %.3f" % (ep, np.mean(parts), s0.mean(), s1.mean(), auc))
