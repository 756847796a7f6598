# Route product titles to departments. The word vectors come from elsewhere and cover the whole catalogue, the labelled titles only a part.
from dataclasses import dataclass
import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Opt:
    departments: int = 5
    known: int = 40         # words of each department that labelled titles use
    later: int = 120        # words that only turn up in the new season
    dim: int = 30
    common: int = 60
    rows: int = 1500
    seed: int = 17


o = Opt()
torch.manual_seed(o.seed)
per = o.known + o.later
centre = F.normalize(torch.randn(o.departments, o.dim), dim=1)
lex = centre.repeat_interleave(per, 0) * 1.2 + torch.randn(o.departments * per, o.dim) * .25
table = torch.cat([torch.zeros(1, o.dim), lex, torch.randn(o.common, o.dim) * .25])
COMMON = 1 + o.departments * per


def titles(n, lo, hi):
    y = torch.randint(o.departments, (n,))
    x = torch.zeros(n, 7, dtype=torch.long)
    for i in range(n):
        k = int(torch.randint(1, 4, (1,)))
        spec = 1 + y[i] * per + torch.randint(lo, hi, (k,))
        fill = COMMON + torch.randint(o.common, (int(torch.randint(1, 5, (1,))),))
        row = torch.cat([spec, fill])
        x[i, :len(row)] = row[torch.randperm(len(row))]
    return x, y


class Router(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.vec = nn.Embedding.from_pretrained(table.clone(), freeze=False, padding_idx=0)
        self.h = nn.Linear(o.dim, 32)
        self.o = nn.Linear(32, o.departments)

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True)
        return self.o(torch.tanh(self.h(self.vec(x).sum(1) / n)))


class Loop:
    def __init__(self, net):
        self.net = net
        head = [*net.h.parameters(), *net.o.parameters()]
        # fault:
        groups = [{"params": net.vec.parameters(), "lr": .1}, {"params": head, "lr": .003}]
        # mended:
        # net.vec.weight.requires_grad_(False)
        # groups = [{"params": head, "lr": .003}]
        # end
        self.opt = torch.optim.Adam(groups)

    def epoch(self, x, y):
        tot = 0.
        for b in torch.randperm(len(x)).split(30):
            loss = F.cross_entropy(self.net(x[b]), y[b])
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            tot += loss.item() * len(b)
        return tot / len(x)

    @torch.no_grad()
    def accuracy(self, x, y):
        return (self.net(x).argmax(1) == y).float().mean().item()


train = titles(o.rows, 0, o.known)
same_season = titles(400, 0, o.known)
next_season = titles(600, o.known, per)
loop = Loop(Router(table))
for e in range(7):
    l = loop.epoch(*train)
    print(f"epoch {e}: loss {l:.4f} train {loop.accuracy(*train):.3f} same season {loop.accuracy(*same_season):.3f} next season {loop.accuracy(*next_season):.3f}")
