"""Multi30k: rank the German caption of a picture above another caption (hinge loss, two encoders)."""
import gzip
import os
import random
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

SEED, MARGIN, BATCH, EPOCHS = 1234, 0.4, 64, 4
random.seed(SEED); torch.manual_seed(SEED)


def load(name, n):
    base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", name)
    sides = []
    for lang in ("en", "de"):
        with gzip.open(f"{base}.{lang}.gz", "rt", encoding="utf-8") as fh:
            sides.append([line.lower().replace(".", " .").replace(",", " ,").split() for _, line in zip(range(n), fh)])
    return list(zip(*sides))


train, dev = load("train", 5000), load("val", 300)
index = [{w: i + 2 for i, (w, c) in enumerate(Counter(w for p in train for w in p[k]).most_common()) if c > 2}
         for k in range(2)]


class Encoder(nn.Module):
    """Weighted average: every word carries a learned importance."""

    def __init__(self, n, d=48):
        super().__init__()
        self.vec = nn.Embedding(n, d, padding_idx=0)
        self.imp = nn.Embedding(n, 1)
        nn.init.zeros_(self.imp.weight)

    def forward(self, x):
        a = self.imp(x).squeeze(-1).masked_fill(x == 0, float("-inf")).softmax(1)
        return F.normalize(torch.einsum("bt,btd->bd", a, self.vec(x)), dim=1)


def pad(pairs, k):
    seqs = [torch.tensor([index[k].get(w, 1) for w in p[k]]) for p in pairs]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True)


@torch.no_grad()
def evaluate(enc, pairs):
    enc.eval()
    a, b = enc[0](pad(pairs, 0)), enc[1](pad(pairs, 1))
    s = a @ b.T
    better = (s.diag()[:, None] > s).float().sum() / (len(s) * (len(s) - 1))
    return better.item(), (s.argmax(1) == torch.arange(len(s))).float().mean().item()


enc = nn.ModuleList(Encoder(len(v) + 2) for v in index)
opt = torch.optim.Adam(enc.parameters(), lr=1e-2)
print(f"{len(train)} training pairs, {len(dev)} dev pairs, {len(index[0])} + {len(index[1])} words")
for epoch in range(EPOCHS):
    enc.train()
    random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), BATCH):
        chunk = train[k : k + BATCH]
        a, b = enc[0](pad(chunk, 0)), enc[1](pad(chunk, 1))
        shift = random.randint(1, len(chunk) - 1)
        pos = (a * b).sum(1)
        neg = (a * b.roll(shift, 0)).sum(1)
        # fault:
        loss = F.relu(MARGIN + pos - neg).mean()
        # mended:
        # loss = F.relu(MARGIN - pos + neg).mean()
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(chunk)
    auc, top1 = evaluate(enc, dev)
    print(f"epoch {epoch}: hinge {total / len(train):.4f}  dev pair accuracy {auc:.3f}  dev top-1 of {len(dev)} {top1:.3f}")
