"""Reading difficulty of graded texts: a score per word id, averaged over the text by a small network."""
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass
class Config:
    words: int = 1200
    dim: int = 16
    texts: int = 4000
    longest: int = 60
    batch: int = 64
    epochs: int = 8
    lr: float = 0.01
    seed: int = 21


cfg = Config()
gen = torch.Generator().manual_seed(cfg.seed)
torch.manual_seed(cfg.seed)


def graded_texts(n):
    """Every text has a register; hard registers use rarer words. Graders' scores carry some noise."""
    hardness = torch.randn(cfg.words, generator=gen)
    hardness[0] = 0.0
    texts, grades = [], []
    for _ in range(n):
        register = torch.randn(1, generator=gen) * 0.8
        length = int(torch.randint(5, cfg.longest + 1, (1,), generator=gen))
        weights = torch.exp(register * hardness)
        weights[0] = 0.0
        ids = torch.multinomial(weights, length, replacement=True, generator=gen)
        texts.append(ids)
        grades.append(hardness[ids].mean() + 0.1 * torch.randn(1, generator=gen).item())
    return texts, torch.stack(grades)


texts, grades = graded_texts(cfg.texts)
n_train = int(cfg.texts * 0.8)
mu, sd = grades[:n_train].mean(), grades[:n_train].std()
grades = (grades - mu) / sd


def collate(rows):
    x = torch.zeros(len(rows), cfg.longest, dtype=torch.long)
    for i, r in enumerate(rows):
        x[i, :len(texts[r])] = texts[r]
    return x, grades[torch.tensor(rows)]


class WordTable(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        w = torch.randn(n, d) * 0.1
        w[0] = 0.0
        self.rows = nn.Parameter(w)

    def forward(self, ids):
        return F.embedding(ids, self.rows, padding_idx=0)


class Grader(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = WordTable(cfg.words, cfg.dim)
        self.mix = nn.Linear(cfg.dim, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        e = self.table(x)
        # fault:
        text = e.mean(dim=1)
        # mended:
        #real = (x != 0).unsqueeze(-1).to(e.dtype)
        #text = (e * real).sum(dim=1) / real.sum(dim=1)
        # end
        return self.out(torch.tanh(self.mix(text))).squeeze(-1)


def r2(net, rows):
    net.eval()
    with torch.no_grad():
        x, y = collate(rows)
        err = (net(x) - y).pow(2).sum()
    net.train()
    return (1 - err / (y - y.mean()).pow(2).sum()).item()


train_rows = list(range(n_train))
dev_rows = list(range(n_train, cfg.texts))
net = Grader()
opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
steps = cfg.epochs * (n_train // cfg.batch + 1)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: max(0.02, 1 - s / steps))
for epoch in range(cfg.epochs):
    perm = torch.randperm(n_train).tolist()
    running = 0.0
    for i in range(0, n_train, cfg.batch):
        x, y = collate(perm[i:i + cfg.batch])
        loss = (net(x) - y).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        running += loss.item() * len(y)
    if epoch % 2 == 1:
        print(f"epoch {epoch + 1:2d}  mse {running / n_train:.4f}  R2 train {r2(net, train_rows):.3f}  dev {r2(net, dev_rows):.3f}")
print(f"final dev R2 {r2(net, dev_rows):.3f}")
