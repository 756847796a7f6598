import random
import logging
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
logger = logging.getLogger(__name__)


@dataclass
class Config:
    dim: int = 24
    out: int = 16
    margin: float = 1.5
    lr: float = 8e-3
    epochs: int = 8
    batch_size: int = 64
    seed: int = 5


ISSUES = [
    (["login", "signin", "logon"], ["fails", "broken", "rejected"]),
    (["invoice", "bill", "receipt"], ["missing", "lost", "absent"]),
    (["payment", "charge", "debit"], ["twice", "double", "duplicated"]),
    (["parcel", "package", "delivery"], ["late", "delayed", "slow"]),
    (["app", "client", "program"], ["crashes", "freezes", "hangs"]),
    (["refund", "reimbursement", "cashback"], ["pending", "waiting", "unpaid"]),
    (["password", "passcode", "pin"], ["forgotten", "reset", "expired"]),
    (["photo", "image", "picture"], ["blurry", "dark", "upside"]),
]
EXTRA = ["please", "help", "my", "the", "since", "today", "again", "urgent", "hi", "team"]


def ticket(rng, k):
    a, b = ISSUES[k]
    words = [rng.choice(a), rng.choice(b)] + rng.sample(EXTRA, rng.randint(0, 2))
    rng.shuffle(words)
    return words


def pairs(rng, n):
    rows = []
    for _ in range(n):
        k = rng.randrange(len(ISSUES))
        same = rng.random() < 0.5
        j = k if same else rng.choice([x for x in range(len(ISSUES)) if x != k])
        rows.append((ticket(rng, k), ticket(rng, j), float(same)))
    return rows


class Encoder(nn.Module):
    def __init__(self, n_words, cfg):
        super().__init__()
        self.emb = nn.Embedding(n_words, cfg.dim, padding_idx=0)
        self.proj = nn.Linear(cfg.dim, cfg.out)

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1).float()
        mean = (self.emb(ids) * mask).sum(1) / mask.sum(1)
        return self.proj(mean)


def distance(u, v):
    sq = (u - v).pow(2).sum(dim=-1)
    # fault:
    return sq.sqrt()
    # mended:
    # return (sq + 1e-6).sqrt()
    # end


def contrastive(d, same, margin):
    return (same * d.pow(2) + (1 - same) * torch.relu(margin - d).pow(2)).mean()


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        words = sorted({w for a, b in ISSUES for w in a + b} | set(EXTRA))
        self.vocab = {w: i + 1 for i, w in enumerate(words)}
        self.model = Encoder(len(words) + 1, cfg)
        self.opt = torch.optim.Adam(self.model.parameters(), lr=cfg.lr)

    def tensor(self, texts):
        t = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.long)
        for i, ws in enumerate(texts):
            t[i, :len(ws)] = torch.tensor([self.vocab[w] for w in ws])
        return t

    def distances(self, rows):
        return distance(self.model(self.tensor([r[0] for r in rows])), self.model(self.tensor([r[1] for r in rows])))

    def fit(self, train, dev, rng):
        for ep in range(self.cfg.epochs):
            rng.shuffle(train)
            losses = []
            for i in range(0, len(train), self.cfg.batch_size):
                rows = train[i:i + self.cfg.batch_size]
                same = torch.tensor([r[2] for r in rows])
                loss = contrastive(self.distances(rows), same, self.cfg.margin)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                losses.append(loss.item())
            logger.info("epoch %d contrastive %.4f  dev auc %.3f", ep, np.mean(losses), self.auc(dev))

    @torch.no_grad()
    def auc(self, rows):
        d = self.distances(rows).numpy()
        same = np.array([r[2] for r in rows]) > 0
        closer = d[same][:, None] < d[~same][None, :]
        return closer.mean()


if __name__ == "__main__":
    cfg = Config()
    torch.manual_seed(cfg.seed)
    rng = random.Random(cfg.seed)
    data = pairs(rng, 2000)
    held = pairs(random.Random(99), 400)
    known = {(tuple(a), tuple(b)) for a, b, _ in data}
    held = [r for r in held if (tuple(r[0]), tuple(r[1])) not in known]
    Trainer(cfg).fit(data, held, rng)
