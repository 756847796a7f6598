"""Slot tagging of travel requests.  Everything from the table up to the tag scores lives in own modules."""
import random
from collections import Counter
from dataclasses import dataclass

import torch
from torch import nn

TAGS = ["other", "from", "to", "day", "class"]
# fault:
PAD_TAG = 0
# mended:
#PAD_TAG = -100
# end

CITIES = ("oslo bergen paris lyon nice rome milan turin berlin hamburg munich vienna graz prague brno warsaw krakow "
          "madrid seville porto lisbon athens dublin cork london leeds york bath zurich basel geneva").split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight".split()
CLASSES = "economy business first premium coach".split()
OPEN = ["i want to fly", "book me a seat", "please find a ticket", "is there something", "we are going to travel",
        "can you show me flights", "need to go", "looking for a cheap trip"]
CLOSE = ["please", "if possible", "thanks a lot", "with my two kids", "before noon", "and back", ""]


@dataclass
class Settings:
    dim: int = 24
    hidden: int = 40
    epochs: int = 6
    batch: int = 32
    lr: float = 5e-3
    seed: int = 4


def request(rng):
    a, b = rng.sample(CITIES, 2)
    parts = [[("from", 0), (a, 1)], [("to", 0), (b, 2)]]
    if rng.random() < 0.7:
        parts.append([("on", 0), (rng.choice(DAYS), 3)])
    if rng.random() < 0.6:
        parts.append([("in", 0), (rng.choice(CLASSES), 4), ("class", 0)])
    if rng.random() < 0.3:
        parts.append([("not", 0), ("through", 0), (rng.choice(CITIES), 0)])
    rng.shuffle(parts)
    plain = lambda s: [(w, 0) for w in s.split()]
    return plain(rng.choice(OPEN)) + [t for p in parts for t in p] + plain(rng.choice(CLOSE))


def corpus(n, rng):
    seen, out = set(), []
    while len(out) < n:
        r = request(rng)
        text = " ".join(w for w, _ in r)
        if text not in seen:
            seen.add(text)
            out.append(r)
    return out


def batches(rows, vocab, size, rng=None):
    rows = list(rows)
    if rng:
        rng.shuffle(rows)
    for i in range(0, len(rows), size):
        part = rows[i:i + size]
        width = max(map(len, part))
        ids = torch.tensor([[vocab.get(w, 1) for w, _ in r] + [0] * (width - len(r)) for r in part])
        tags = torch.tensor([[t for _, t in r] + [PAD_TAG] * (width - len(r)) for r in part])
        yield ids, tags, torch.tensor([len(r) for r in part])


class Context(nn.Module):
    """Own gated convolution, run twice."""

    def __init__(self, dim, out):
        super().__init__()
        self.left, self.mid, self.right = (nn.Linear(dim, 2 * out) for _ in range(3))

    def forward(self, x):
        zero = x.new_zeros(x.shape[0], 1, x.shape[2])
        y = self.mid(x) + self.left(torch.cat([zero, x[:, :-1]], 1)) + self.right(torch.cat([x[:, 1:], zero], 1))
        a, g = y.chunk(2, -1)
        return torch.tanh(a) * torch.sigmoid(g)


class Slotter(nn.Module):
    def __init__(self, vocab, cfg):
        super().__init__()
        self.emb = nn.Embedding(vocab, cfg.dim, padding_idx=0)
        self.one, self.two = Context(cfg.dim, cfg.hidden), Context(cfg.hidden, cfg.hidden)
        self.out = nn.Linear(cfg.hidden, len(TAGS))

    def forward(self, ids):
        keep = (ids != 0).unsqueeze(-1)
        return self.out(self.two(self.one(self.emb(ids)) * keep))


@torch.no_grad()
def evaluate(model, rows, vocab):
    model.eval()
    right, hit, gold = 0, Counter(), Counter()
    for ids, tags, n in batches(rows, vocab, 200):
        real = torch.arange(ids.shape[1]) < n[:, None]
        p, t = model(ids).argmax(-1)[real], tags[real]
        right += (p == t).sum().item()
        gold.update(t.tolist())
        hit.update(t[p == t].tolist())
    return right / sum(gold.values()), {TAGS[k]: round(hit[k] / gold[k], 3) for k in sorted(gold)}


def main(cfg=Settings()):
    rng = random.Random(cfg.seed)
    torch.manual_seed(cfg.seed)
    rows = corpus(1800, rng)
    train, test = rows[:1400], rows[1400:]
    vocab = {"<pad>": 0, "<unk>": 1}
    for r in train:
        for w, _ in r:
            vocab.setdefault(w, len(vocab))
    model = Slotter(len(vocab), cfg)
    loss_fn = nn.CrossEntropyLoss(ignore_index=PAD_TAG)
    opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        model.train()
        losses = []
        for ids, tags, _ in batches(train, vocab, cfg.batch, rng):
            loss = loss_fn(model(ids).transpose(1, 2), tags)
            opt.zero_grad()
            loss.backward()
            opt.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1} loss {sum(losses) / len(losses):.4f} "
              f"train {evaluate(model, train, vocab)[0]:.3f} test {evaluate(model, test, vocab)[0]:.3f}")
    print("recall per tag on test:", evaluate(model, test, vocab)[1])


if __name__ == "__main__":
    main()
