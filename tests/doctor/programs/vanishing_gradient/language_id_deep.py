# Language of a caption (en/de/fr/cs) from hashed character trigrams and a deep feed-forward net.
import gzip
import os
import random
import zlib
import torch
import torch.nn as nn

random.seed(1)
torch.manual_seed(1)
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 4096


def trigrams(text):
    s = f"  {text.strip().lower()} "
    return [zlib.crc32(s[i:i + 3].encode("utf-8")) % BUCKETS for i in range(len(s) - 2)]


def load(split, n):
    out = []
    for k, lang in enumerate(LANGS):
        with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
            out += [(trigrams(line), k) for _, line in zip(range(n), f)]
    return out


train = load("train", 700)
dev = load("val", 200)


def batch_of(rows):
    flat = torch.tensor([t for r, _ in rows for t in r])
    start = torch.tensor([0] + [len(r) for r, _ in rows[:-1]]).cumsum(0)
    return flat, start, torch.tensor([k for _, k in rows])


# fault:
ACT = torch.sigmoid
# mended:
# ACT = torch.tanh
# end


class DeepNet(nn.Module):
    def __init__(self, width=64, depth=8):
        super().__init__()
        self.grams = nn.EmbeddingBag(BUCKETS, width, mode="mean")
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.top = nn.Linear(width, len(LANGS))
        for lin in [*self.layers, self.top]:
            nn.init.xavier_normal_(lin.weight)
            nn.init.zeros_(lin.bias)

    def forward(self, flat, start):
        h = self.grams(flat, start)
        for lin in self.layers:
            h = ACT(lin(h))
        return self.top(h)


net = DeepNet()
sgd = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(1, 11):
    random.shuffle(train)
    total, count = 0.0, 0
    for i in range(0, len(train), 40):
        flat, start, y = batch_of(train[i:i + 40])
        loss = nn.functional.cross_entropy(net(flat, start), y)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        total, count = total + loss.item(), count + 1
    with torch.no_grad():
        flat, start, y = batch_of(dev)
        acc = (net(flat, start).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} loss {total / count:.4f} dev accuracy {acc:.4f}")
