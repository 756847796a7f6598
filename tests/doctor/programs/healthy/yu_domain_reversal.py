"""DANN on two review domains: the target domain has no labels, the domain head gets reversed gradients."""
import random
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.utils.data import DataLoader, TensorDataset

random.seed(3)
torch.manual_seed(3)
LEN = 12

GOOD = "great superb lovely excellent perfect wonderful brilliant amazing solid enjoyable charming terrific".split()
BAD = "awful terrible poor boring useless horrible dreadful weak annoying pathetic dull disappointing".split()
BOOKS = "novel author chapter plot prose reader pages story paperback character ending series".split()
TOOLS = "drill battery handle blade motor plastic cord kitchen steel screw warranty switch".split()
GLUE = "the a it is was and this i but very with of for on really quite my to".split()
# words that tell something in one domain only
SRC_ONLY = {1: ["gripping", "poetic"], 0: ["predictable", "clumsy"]}


def review(domain: str, label: int) -> tuple:
    topic = BOOKS if domain == "books" else TOOLS
    w = random.choices(GOOD if label else BAD, k=3) + random.choices(topic, k=4)
    if domain == "books" and random.random() < 0.5:
        w.append(random.choice(SRC_ONLY[label]))
    if random.random() < 0.3:
        w.append(random.choice(BAD if label else GOOD))
    w += random.choices(GLUE, k=LEN - len(w))
    random.shuffle(w)
    return tuple(w)


def collect(domain: str, n: int):
    out = {}
    while len(out) < n:
        y = len(out) % 2
        out.setdefault(review(domain, y), y)
    rows = list(out.items())
    random.shuffle(rows)
    return rows


VOCAB = {w: i for i, w in enumerate(sorted({*GOOD, *BAD, *BOOKS, *TOOLS, *GLUE, *SRC_ONLY[0], *SRC_ONLY[1]}))}


def tensors(rows):
    return (torch.tensor([[VOCAB[w] for w in r] for r, _ in rows]), torch.tensor([y for _, y in rows]))


class Reverse(Function):
    @staticmethod
    def forward(ctx, x: Tensor, lam: float) -> Tensor:
        ctx.lam = lam
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g: Tensor):
        return -ctx.lam * g, None


@dataclass
class Config:
    epochs: int = 6
    lr: float = 4e-3
    lam: float = 0.3


class Dann(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(VOCAB), 32)
        self.feat = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 16), nn.Tanh())
        self.sentiment = nn.Linear(16, 2)
        self.domain = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x, lam=0.0):
        f = self.feat(self.embed(x).mean(1))
        return self.sentiment(f), self.domain(Reverse.apply(f, lam)).squeeze(1)


def main(cfg: Config):
    sx, sy = tensors(collect("books", 1600))
    tx, ty = tensors(collect("tools", 1600))
    (sx, svx), (sy, svy), (tx, tvx), tvy = sx.split([1200, 400]), sy.split([1200, 400]), tx.split([1200, 400]), ty[1200:]
    loader = DataLoader(TensorDataset(sx, sy, tx), batch_size=48, shuffle=True, drop_last=True)
    net = Dann()
    opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
    ce, bce = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()
    step, total = 0, cfg.epochs * len(loader)
    for epoch in range(cfg.epochs):
        net.train()
        for xs, ys, xt in loader:
            lam = cfg.lam * min(1.0, 2 * step / total)
            logit, dom_s = net(xs, lam)
            _, dom_t = net(xt, lam)
            task = ce(logit, ys)
            adv = bce(torch.cat([dom_s, dom_t]), torch.cat([torch.ones_like(dom_s), torch.zeros_like(dom_t)]))
            opt.zero_grad()
            (task + adv).backward()
            opt.step()
            step += 1
        net.eval()
        with torch.no_grad():
            ls, ds = net(svx)
            lt, dt = net(tvx)
            acc = lambda l, y: (l.argmax(1) == y).float().mean().item()
            dom = ((ds > 0).float().mean() + (dt <= 0).float().mean()).item() / 2
        print(f"epoch {epoch}: task {task.item():.3f} domain loss {adv.item():.3f} | books {acc(ls, svy):.3f} "
              f"tools {acc(lt, tvy):.3f} | domain guessed {dom:.2f}")


if __name__ == "__main__":
    main(Config())
