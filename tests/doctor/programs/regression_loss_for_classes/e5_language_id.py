"""Language identification of caption fragments by character bigrams (Multi30k)."""
import gzip
import os
import random
import re
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

ROOT = Path(os.environ["WORDFIT_DATA"]) / "seq2seq" / "multi30k"
LANGS = ["fr", "en", "cs", "de"]
N_PER_LANG, N_DEV = 1100, 200
BUCKETS = 1500
SEED = 5


def fragments(lang, n, rng):
    seen = []
    with gzip.open(ROOT / f"train.{lang}.gz", "rt", encoding="utf-8") as fh:
        for line in fh:
            words = re.findall(r"[^\W\d_]+", line.lower())
            if len(words) < 6:
                continue
            at = rng.randrange(len(words) - 2)
            seen.append(" ".join(words[at:at + 2]))
            if len(seen) >= 3 * n:
                break
    return list(dict.fromkeys(seen))[:n]


class BigramIndex:
    """Most frequent character bigrams of the training texts; the rest is dropped."""

    def __init__(self, texts, size):
        counts = {}
        for t in texts:
            for g in self.grams(t):
                counts[g] = counts.get(g, 0) + 1
        self.ids = {g: i for i, g in enumerate(sorted(counts, key=counts.get, reverse=True)[:size])}

    @staticmethod
    def grams(text):
        text = f"^{text}$"
        return [text[i:i + 2] for i in range(len(text) - 1)]

    def __call__(self, text):
        return [self.ids[g] for g in self.grams(text) if g in self.ids]

    def __len__(self):
        return len(self.ids)


class BagLayer(nn.Module):
    """Mean of the vectors of a ragged batch (flat ids and the row each belongs to)."""

    def __init__(self, n, d):
        super().__init__()
        self.table = nn.Parameter(torch.randn(n, d) * 0.1)

    def forward(self, flat, row, rows):
        total = self.table.new_zeros(rows, self.table.shape[1]).index_add(0, row, self.table[flat])
        return total / torch.bincount(row, minlength=rows).clamp(min=1).unsqueeze(1)


class LangId(nn.Module):
    def __init__(self, n, d=24):
        super().__init__()
        self.bag = BagLayer(n, d)
        # fault:
        self.head = nn.Linear(d, 1)
        # mended:
        #self.head = nn.Linear(d, len(LANGS))
        # end

    def forward(self, batch):
        return self.head(self.bag(*batch))


def objective(out, y):
    # fault:
    return F.mse_loss(out.squeeze(1), y.float())
    # mended:
    #return F.cross_entropy(out, y)
    # end


def decide(out):
    # fault:
    return out.squeeze(1).round().clamp(0, len(LANGS) - 1).long()
    # mended:
    #return out.argmax(dim=1)
    # end


def ragged(items):
    flat = torch.tensor([g for ids, _ in items for g in ids])
    row = torch.tensor([i for i, (ids, _) in enumerate(items) for _ in ids])
    return (flat, row, len(items)), torch.tensor([y for _, y in items])


@torch.no_grad()
def score(net, items):
    net.eval()
    batch, y = ragged(items)
    out = net(batch)
    return objective(out, y).item(), (decide(out) == y).float().mean().item()


def run():
    rng = random.Random(SEED)
    torch.manual_seed(SEED)
    data = {lang: fragments(lang, N_PER_LANG, rng) for lang in LANGS}
    shared = {t for a in LANGS for b in LANGS if a < b for t in set(data[a]) & set(data[b])}
    train, dev = [], []
    for k, lang in enumerate(LANGS):
        texts = [t for t in data[lang] if t not in shared]
        dev += [(t, k) for t in texts[:N_DEV]]
        train += [(t, k) for t in texts[N_DEV:]]
    index = BigramIndex([t for t, _ in train], BUCKETS)
    train = [(index(t), k) for t, k in train]
    dev = [(index(t), k) for t, k in dev if index(t)]
    print(len(train), "train", len(dev), "dev", len(index), "bigrams")

    net = LangId(len(index))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for epoch in range(6):
        net.train()
        rng.shuffle(train)
        for i in range(0, len(train), 64):
            batch, y = ragged(train[i:i + 64])
            loss = objective(net(batch), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        tl, ta = score(net, train)
        dl, da = score(net, dev)
        print(f"{epoch + 1:2d} train {tl:.4f}/{ta:.3f} dev {dl:.4f}/{da:.3f}")


run()
