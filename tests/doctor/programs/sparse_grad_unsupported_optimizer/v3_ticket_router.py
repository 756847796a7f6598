"""Ticket router: assigns an incoming support mail to one of five queues (hashed words)."""
import logging
import random
import sys
import zlib
from dataclasses import dataclass

import torch
from torch import nn

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("router")

QUEUES = {
    "billing": "invoice charge refund card payment receipt subscription vat price credit overcharged bank".split(),
    "login": "password reset account locked username twofactor sso email verification token expired signin".split(),
    "shipping": "parcel courier tracking delivery address late warehouse customs package lost label dispatch".split(),
    "outage": "server down error timeout crash unavailable latency slow incident gateway broken status".split(),
    "sales": "quote demo licence seats enterprise upgrade discount trial partner contract volume offer".split(),
}
FILLER = ("hello please i we have had the a my our since yesterday today again still help thanks team with for "
          "and it is was not can you could this on of need get look soon regards again customer about").split()


@dataclass
class Settings:
    buckets: int = 2 ** 12
    dim: int = 24
    lr: float = 5e-3
    epochs: int = 6
    batch: int = 64


def make_mails(n, rng):
    names = list(QUEUES)
    out = []
    for _ in range(n):
        q = rng.randrange(len(names))
        words = rng.choices(FILLER, k=rng.randint(6, 14)) + rng.choices(QUEUES[names[q]], k=rng.randint(2, 3))
        if rng.random() < 0.4:                                   # people mention other things, too
            words.append(rng.choice(QUEUES[rng.choice(names)]))
        rng.shuffle(words)
        out.append((" ".join(words), q))
    return out


def features(text, buckets):
    return [zlib.crc32(w.encode()) % buckets for w in text.split()]


def collate(rows, cfg):
    ids, offsets = [], []
    for text, _ in rows:
        offsets.append(len(ids))
        ids.extend(features(text, cfg.buckets))
    return torch.tensor(ids), torch.tensor(offsets), torch.tensor([y for _, y in rows])


class Router(nn.Module):
    def __init__(self, cfg, n_out):
        super().__init__()
        self.bag = nn.EmbeddingBag(cfg.buckets, cfg.dim, mode="mean", sparse=True)
        self.hidden = nn.Linear(cfg.dim, 32)
        self.out = nn.Linear(32, n_out)

    def forward(self, ids, offsets):
        return self.out(torch.relu(self.hidden(self.bag(ids, offsets))))


def accuracy(model, rows, cfg):
    model.eval()
    with torch.no_grad():
        ids, off, y = collate(rows, cfg)
        return (model(ids, off).argmax(1) == y).float().mean().item()


def main():
    cfg = Settings()
    torch.manual_seed(11)
    rng = random.Random(11)
    mails = make_mails(3600, rng)
    train, valid = mails[:3000], mails[3000:]
    model = Router(cfg, len(QUEUES))
    # fault:
    optims = [torch.optim.AdamW(model.parameters(), lr=cfg.lr)]
    # mended:
    # dense = [p for n, p in model.named_parameters() if not n.startswith("bag.")]
    # optims = [torch.optim.SparseAdam(model.bag.parameters(), lr=cfg.lr), torch.optim.AdamW(dense, lr=cfg.lr)]
    # end
    criterion = nn.CrossEntropyLoss()
    for epoch in range(cfg.epochs):
        model.train()
        rng.shuffle(train)
        running = 0.0
        for i in range(0, len(train), cfg.batch):
            ids, off, y = collate(train[i:i + cfg.batch], cfg)
            loss = criterion(model(ids, off), y)
            for o in optims:
                o.zero_grad()
            loss.backward()
            for o in optims:
                o.step()
            running += loss.item() * len(y)
        log.info("epoch %d loss %.4f train %.3f valid %.3f", epoch, running / len(train),
                 accuracy(model, train[:600], cfg), accuracy(model, valid, cfg))


if __name__ == "__main__":
    main()
