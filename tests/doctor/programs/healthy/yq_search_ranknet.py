"""Learning to rank: eight documents a query, RankNet on all pairs, NDCG and Kendall's tau; no softmax and no classes."""
from dataclasses import dataclass, field
import numpy as np
from scipy.stats import kendalltau
import torch
from torch import nn, Tensor


@dataclass
class Opts:
    docs: int = 8
    groups: int = 1500
    held: int = 300
    lr: float = 1.5e-2
    epochs: int = 5
    words: int = 60
    hidden: tuple = field(default=(24,))


o = Opts()
g = np.random.RandomState(77); torch.manual_seed(77)
topic = g.randint(6, size=o.words)               # every word has a topic and a weight
value = g.uniform(0.2, 1.0, size=o.words)


def group():
    t = g.randint(6)
    q = g.choice(np.flatnonzero(topic == t), 2)
    d = g.randint(o.words, size=(o.docs, 6))
    d[:, :3] = np.where(g.rand(o.docs, 3) < g.rand(o.docs, 1), g.choice(np.flatnonzero(topic == t), (o.docs, 3)), d[:, :3])
    rel = ((topic[d] == t) * value[d]).sum(1)
    return q, d, rel + 0.05 * g.randn(o.docs)


def pack(n):
    q, d, r = zip(*(group() for _ in range(n)))
    return torch.tensor(np.array(q)), torch.tensor(np.array(d)), torch.tensor(np.array(r), dtype=torch.float)


class Scorer(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.word = nn.Embedding(o.words, dim)
        self.query = nn.Embedding(o.words, dim)
        self.f = nn.Sequential(nn.Linear(dim * 2, o.hidden[0]), nn.LeakyReLU(0.1), nn.Linear(o.hidden[0], 1))

    def forward(self, q: Tensor, d: Tensor) -> Tensor:
        qv = self.query(q).mean(1)[:, None, None, :]
        dv = self.word(d)
        pair = torch.cat([dv * qv, dv], -1)
        return self.f(pair).squeeze(-1).sum(-1)          # additive over the words of a document


class RankNetLoss(nn.Module):
    def forward(self, s, rel):
        ds = s.unsqueeze(2) - s.unsqueeze(1)
        above = rel.unsqueeze(2) > rel.unsqueeze(1)
        return nn.functional.softplus(-ds[above]).mean()


def ndcg(s, rel):
    gain = rel.clamp(min=0)
    disc = 1 / torch.log2(torch.arange(s.size(1)).float() + 2)
    got = (gain.gather(1, s.argsort(1, descending=True)) * disc).sum(1)
    return (got / (gain.sort(1, descending=True).values * disc).sum(1).clamp(min=1e-6)).mean().item()


Q, Dc, R = pack(o.groups)
Qh, Dh, Rh = pack(o.held)
net, crit = Scorer(), RankNetLoss()
opt = torch.optim.NAdam(net.parameters(), lr=o.lr)
decay = torch.optim.lr_scheduler.MultiStepLR(opt, [3, 4], gamma=0.3)
for ep in range(o.epochs):
    run = 0.0
    for idx in torch.randperm(o.groups).split(15):
        opt.zero_grad()
        loss = crit(net(Q[idx], Dc[idx]), R[idx])
        loss.backward()
        opt.step()
        run += loss.item() * len(idx) / o.groups
    decay.step()
    with torch.no_grad():
        st, sh = net(Q, Dc), net(Qh, Dh)
    tau = np.mean([kendalltau(a, b).statistic for a, b in zip(sh.numpy(), Rh.numpy())])
    print(f"epoch {ep} pair loss {run:.4f} held {crit(sh, Rh):.4f} ndcg train {ndcg(st, R):.3f} held {ndcg(sh, Rh):.3f} tau {tau:.3f}")
