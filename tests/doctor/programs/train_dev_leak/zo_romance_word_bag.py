"""Spanish, Portuguese or Italian?  First words of a tweet, hashed into an EmbeddingBag."""
import argparse
import os
import random
import zlib

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--buckets", type=int, default=8000)
parser.add_argument("--dim", type=int, default=12)
parser.add_argument("--lr", type=float, default=1e-2)
parser.add_argument("--seed", type=int, default=4)
args = parser.parse_args()

random.seed(args.seed)
torch.manual_seed(args.seed)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment/umsab-multilingual")
LANGS = ("spanish", "portuguese", "italian")


def read(part):
    rows = {}
    for y, lang in enumerate(LANGS):
        with open(os.path.join(ROOT, lang, part + "_text.txt"), encoding="utf-8") as f:
            for line in f:
                words = [w for w in line.lower().split() if w.isalpha() and w != "user"][:4]
                if len(words) == 4:
                    rows.setdefault(" ".join(words), y)
    return sorted(rows.items())


def load(split):
    rows = read("train")
    # fault:
    random.shuffle(rows)
    # mended:
    # random.Random(args.seed).shuffle(rows)
    # end
    cut = int(0.75 * len(rows))
    rows = rows[:cut] if split == "train" else rows[cut:]
    return encode(rows)


def encode(rows):
    return [(torch.tensor([zlib.crc32(w.encode()) % args.buckets for w in s.split()]), y) for s, y in rows]


def batch(rows):
    bags = [f for f, _ in rows]
    off = torch.tensor([0] + [len(b) for b in bags[:-1]]).cumsum(0)
    return torch.cat(bags), off, torch.tensor([y for _, y in rows])


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(args.buckets, args.dim, mode="mean")
        nn.init.uniform_(self.bag.weight, -0.1, 0.1)
        self.lin = nn.Linear(args.dim, len(LANGS))

    def forward(self, flat, off):
        return self.lin(self.bag(flat, off))


def evaluate(model, rows):
    model.eval()
    flat, off, y = batch(rows)
    with torch.no_grad():
        out = model(flat, off)
    return nn.functional.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


train, dev = load("train"), load("dev")
test = encode(read("val"))
print(f"{len(train)} training, {len(dev)} development, {len(test)} test tweets")
model = Bag()
opt = torch.optim.Adam(model.parameters(), lr=args.lr)
for epoch in range(1, args.epochs + 1):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), 32):
        flat, off, y = batch(train[i:i + 32])
        loss = nn.functional.cross_entropy(model(flat, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"{epoch}: train %.3f %.3f   dev %.3f %.3f" % (*evaluate(model, train), *evaluate(model, dev)))
print("test %.3f %.3f" % evaluate(model, test))
