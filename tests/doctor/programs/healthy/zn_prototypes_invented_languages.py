"""Few-shot classification in episodes (prototypical network). A class is an invented language with its own letter habits;
the test languages are never met in training. 5 ways, 3 shots, 6 queries."""
import numpy as np, torch
from torch import nn

rs = np.random.RandomState(2024)
torch.manual_seed(2024)
A, LEN, PER = 18, 40, 30

def language():
    first = rs.dirichlet(np.full(A, .5))
    step = np.array([rs.dirichlet(.25 * A * (0.5 * first + 0.5 / A)) for _ in range(A)])
    cum = step.cumsum(1)
    txt = np.zeros((PER, LEN), dtype=np.int64)
    txt[:, 0] = rs.choice(A, PER, p=first)
    for t in range(1, LEN):
        txt[:, t] = (rs.rand(PER, 1) > cum[txt[:, t - 1]]).sum(1).clip(max=A - 1)
    return torch.from_numpy(txt)

TRAIN = [language() for _ in range(200)]
TEST = [language() for _ in range(30)]

class Embed(nn.Module):
    def __init__(self):
        super().__init__()
        self.chars = nn.Embedding(A, 16)
        self.conv = nn.Conv1d(16, 48, 2)
        self.norm = nn.LayerNorm(48)
        self.proj = nn.Linear(48, 24)
    def forward(self, ids):
        z = torch.relu(self.conv(self.chars(ids).transpose(1, 2)))
        return self.proj(self.norm(z.mean(2)))       # all texts have the same length

def episode(pool, ways=5, shots=3, queries=6):
    langs = rs.choice(len(pool), ways, replace=False)
    picks = [rs.choice(PER, shots + queries, replace=False) for _ in langs]
    sup = torch.stack([pool[l][p[:shots]] for l, p in zip(langs, picks)])
    que = torch.stack([pool[l][p[shots:]] for l, p in zip(langs, picks)])
    return sup, que

def run(net, pool):
    sup, que = episode(pool)
    w, s, q = len(sup), sup.shape[1], que.shape[1]
    z = net(torch.cat([sup.flatten(0, 1), que.flatten(0, 1)]))
    proto = z[:w * s].view(w, s, -1).mean(1)
    d2 = (z[w * s:, None] - proto[None]).pow(2).sum(-1)
    y = torch.arange(w).repeat_interleave(q)
    return nn.functional.cross_entropy(-d2, y), (d2.argmin(1) == y).float().mean().item()

net = Embed()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 80, gamma=.3)
ls, ac = [], []
for it in range(1, 241):
    loss, a = run(net, TRAIN)
    opt.zero_grad(); loss.backward(); opt.step(); sched.step()
    ls.append(loss.item()); ac.append(a)
    if it % 40 == 0:
        net.eval()
        with torch.no_grad():
            res = [run(net, TEST) for _ in range(60)]
        net.train()
        print(f'episode {it}: train loss {np.mean(ls[-40:]):.3f} acc {np.mean(ac[-40:]):.3f} | '
              f'new languages: loss {np.mean([r[0].item() for r in res]):.3f} acc {np.mean([r[1] for r in res]):.3f}')
