"""Fill-in-the-gap model on small generated sentences (a toy of masked word prediction)."""
import random
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Cfg:
    seed: int = 21
    n_train: int = 1600
    n_dev: int = 400
    batch: int = 6
    gap_rate: float = 0.05
    dim: int = 24
    width: int = 96
    epochs: int = 7
    lr: float = 3e-3
    specials: list = field(default_factory=lambda: ["<gap>"])


cfg = Cfg()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)

WHO = {"cat": ("it", "purrs"), "dog": ("it", "barks"), "girl": ("she", "sings"),
       "king": ("he", "rules"), "cows": ("they", "graze"), "birds": ("they", "fly")}
DAY = {"morning": "sunrise", "evening": "sunset", "noon": "lunch", "night": "midnight"}


def sentence():
    s = random.choice(list(WHO))
    d = random.choice(list(DAY))
    p, v = WHO[s]
    return ["the", s, "says", p, v, "every", d, "until", DAY[d]]


corpus = [sentence() for _ in range(cfg.n_train + cfg.n_dev)]
vocab = cfg.specials + sorted({w for s in corpus for w in s})
stoi = {w: i for i, w in enumerate(vocab)}
T = torch.tensor([[stoi[w] for w in s] for s in corpus])
train, dev = T[: cfg.n_train], T[cfg.n_train:]
L = T.shape[1]


def punch(x, gen=None):
    """Returns the sentence with gaps and the answers; -100 where there is none."""
    m = torch.rand(x.shape, generator=gen) < cfg.gap_rate
    # fault:
    # mended:
    # col = torch.randint(L, (len(x),), generator=gen)
    # m[torch.arange(len(x)), col] = True
    # end
    return x.masked_fill(m, stoi["<gap>"]), x.masked_fill(~m, -100)


class GapFiller(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), cfg.dim)
        self.up = nn.Linear(L * cfg.dim, cfg.width)
        self.down = nn.Linear(cfg.width, L * cfg.dim)
        self.out = nn.Linear(cfg.dim, len(vocab))

    def forward(self, x):
        z = torch.tanh(self.up(self.emb(x).flatten(1)))
        return self.out(self.down(z).view(len(x), L, cfg.dim))


net = GapFiller()
opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)
gen = torch.Generator().manual_seed(99)
dev_x, dev_y = punch(dev, gen)


def dev_accuracy():
    net.eval()
    with torch.no_grad():
        pred = net(dev_x).argmax(-1)
    net.train()
    at = dev_y != -100
    return (pred[at] == dev_y[at]).float().mean().item()


for epoch in range(cfg.epochs):
    running = 0.0
    chunks = torch.randperm(len(train)).split(cfg.batch)
    for c in chunks:
        x, y = punch(train[c])
        loss = F.cross_entropy(net(x).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item()
    print("epoch", epoch, "loss %.4f" % (running / len(chunks)), "gap accuracy %.4f" % dev_accuracy())
