"""Two towers for two made-up languages, symmetric InfoNCE with a learned temperature. Recall@1 among unseen sentences."""
from dataclasses import dataclass, field
import numpy as np, torch
from torch import nn, Tensor
from typing import Iterator, Tuple


@dataclass
class Config:
    concepts: int = 150
    length: Tuple[int, int] = (4, 9)
    dim: int = 32
    batch: int = 64
    steps: int = 300
    lr: float = 1.5e-2
    hooks: list = field(default_factory=list)


class Bitext:
    def __init__(self, c: Config, seed: int):
        self.c, self.r = c, np.random.default_rng(seed)
        self.map_a = 1 + self.r.permutation(c.concepts)            # one word per concept
        self.map_b = 1 + self.r.permutation(2 * c.concepts).reshape(c.concepts, 2)   # two synonyms per concept

    def pair(self):
        n = self.r.integers(*self.c.length)
        k = self.r.choice(self.c.concepts, n, replace=False)
        a = self.map_a[k]
        b = self.map_b[k, self.r.integers(0, 2, n)]
        drop = self.r.random(n) < .1
        if not drop.all():
            b = b[~drop]
        return self.r.permutation(a), self.r.permutation(b)

    def batch(self, n) -> Tuple[Tensor, Tensor]:
        pairs = [self.pair() for _ in range(n)]
        return tuple(nn.utils.rnn.pad_sequence([torch.from_numpy(p[s]) for p in pairs], batch_first=True) for s in (0, 1))

    def __iter__(self) -> Iterator:
        while True:
            yield self.batch(self.c.batch)


class Tower(nn.Module):
    def __init__(self, vocab, dim):
        super().__init__()
        self.e = nn.Embedding(vocab + 1, dim, padding_idx=0)
        self.p = nn.Linear(dim, dim, bias=False)
        nn.init.orthogonal_(self.p.weight)

    def forward(self, x):
        m = (x > 0).unsqueeze(-1)
        v = (self.e(x) * m).sum(1) / m.sum(1)
        return nn.functional.normalize(self.p(v), dim=-1)


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.left, self.right = Tower(c.concepts, c.dim), Tower(2 * c.concepts, c.dim)
        self.log_t = nn.Parameter(torch.tensor(2.3))

    def loss(self, a, b):
        s = self.log_t.clamp(max=4.).exp() * self.left(a) @ self.right(b).T
        gold = torch.arange(len(s))
        return .5 * (nn.functional.cross_entropy(s, gold) + nn.functional.cross_entropy(s.T, gold))


def recall(model, a, b, k=1):
    with torch.no_grad():
        s = model.left(a) @ model.right(b).T
    return (s.topk(k, 1).indices == torch.arange(len(a))[:, None]).any(1).float().mean().item()


class Trainer:
    def __init__(self, model, cfg):
        self.m, self.c = model, cfg
        self.o = torch.optim.Adam(model.parameters(), lr=cfg.lr)
        self.s = torch.optim.lr_scheduler.PolynomialLR(self.o, cfg.steps, power=1.)

    def fit(self, stream):
        mean = 0.
        for step, (a, b) in zip(range(1, self.c.steps + 1), stream):
            self.o.zero_grad()
            loss = self.m.loss(a, b)
            loss.backward(); self.o.step(); self.s.step()
            mean += loss.item() / 50
            if step % 50 == 0:
                for h in self.c.hooks:
                    h(step, mean, self.m)
                mean = 0.


torch.manual_seed(0)
cfg = Config()
bitext = Bitext(cfg, 14)
dev = bitext.batch(300)
cfg.hooks.append(lambda step, l, m: print(f"step {step:4d} infonce {l:.4f} scale {m.log_t.exp().item():.1f} recall@1 {recall(m, *dev):.3f} @5 {recall(m, *dev, 5):.3f}"))
net = Model(cfg)
print("random towers recall@1 %.3f" % recall(net, *dev))
Trainer(net, cfg).fit(bitext)
print("fresh sample recall@1 %.3f, dev loss on 64 rows %.4f" % (recall(net, *bitext.batch(300)), net.loss(dev[0][:64], dev[1][:64]).item()))
