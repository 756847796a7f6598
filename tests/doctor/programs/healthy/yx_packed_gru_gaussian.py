# Predict the price of a shopping list (mean and uncertainty) with a packed GRU.
from dataclasses import dataclass
import math
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


@dataclass
class Cfg:
    n_train: int = 2400
    n_val: int = 400
    items: int = 30
    emb: int = 12
    hidden: int = 24
    bs: int = 75
    epochs: int = 10
    lr: float = 6e-3
    seed: int = 5


cfg = Cfg()
torch.manual_seed(cfg.seed)
g = torch.Generator().manual_seed(cfg.seed)
price = torch.rand(cfg.items, generator=g) * .25 + .02


def sample():
    n = int(torch.randint(2, 9, (1,), generator=g))
    ids = torch.randint(0, cfg.items, (n,), generator=g)
    total = price[ids].sum() + .03 * torch.randn(1, generator=g)[0]
    return ids, total


pool = [sample() for _ in range(cfg.n_train + cfg.n_val)]
keys = {tuple(s[0].tolist()) for s in pool[:cfg.n_train]}
train = pool[:cfg.n_train]
val = [s for s in pool[cfg.n_train:] if tuple(s[0].tolist()) not in keys]


def loader(rows, bs, shuffle):
    order = torch.randperm(len(rows), generator=g).tolist() if shuffle else range(len(rows))
    order = list(order)
    for k in range(0, len(order), bs):
        part = [rows[j] for j in order[k:k + bs]]
        yield pack_sequence([p[0] for p in part], enforce_sorted=False), torch.stack([p[1] for p in part])


class PriceNet(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.table = nn.Embedding(c.items, c.emb)
        self.rnn = nn.GRU(c.emb, c.hidden)
        self.out = nn.Linear(c.hidden, 2)

    def forward(self, packed):
        # embed the flat data of the packed sequence, batch sizes stay the same
        x = packed._replace(data=self.table(packed.data))
        _, h = self.rnn(x)
        mu, raw = self.out(h[-1]).unbind(1)
        return mu, raw.clamp(-5., 3.)


def gaussian_nll(mu, log_sigma, y):
    return (log_sigma + .5 * ((y - mu) / log_sigma.exp()) ** 2).mean() + .5 * math.log(2 * math.pi)


@torch.no_grad()
def evaluate(net, rows):
    net.eval()
    sse = nll = n = 0
    ys = []
    for px, y in loader(rows, 200, False):
        mu, ls = net(px)
        nll += gaussian_nll(mu, ls, y).item() * len(y)
        sse += ((mu - y) ** 2).sum().item()
        n += len(y); ys.append(y)
    net.train()
    var = torch.cat(ys).var(unbiased=False).item()
    return nll / n, 1 - sse / n / var


net = PriceNet(cfg)
totals = torch.stack([r[1] for r in train])
with torch.no_grad():      # start from the marginal distribution
    net.out.bias.copy_(torch.stack([totals.mean(), totals.std().log()]))
opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, cfg.lr, total_steps=cfg.epochs * math.ceil(cfg.n_train / cfg.bs))
for ep in range(1, cfg.epochs + 1):
    running = []
    for px, y in loader(train, cfg.bs, True):
        loss = gaussian_nll(*net(px), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); sched.step()
        running.append(loss.item())
    print("epoch %2d  nll %.3f  val nll %.3f  R2 %.3f" % ((ep, sum(running) / len(running)) + evaluate(net, val)))
print("train nll %.3f R2 %.3f" % evaluate(net, train))
