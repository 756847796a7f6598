"""Which language is this tweet written in?  Hashed character n-grams -> EmbeddingBag -> softmax."""
import os
import random
import zlib
from itertools import islice
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

ROOT = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 4000
PER_LANG = 800


def clean(line):
    words = [w for w in line.lower().split() if not w.startswith(("@", "http", "#"))]
    return " " + " ".join(words)[:60] + " "


def grams(text):
    out = []
    raw = text.encode("utf-8")
    for i in range(len(raw) - 2):
        out.append(zlib.crc32(raw[i:i + 3]) % BUCKETS)
    return out


class Tweets(Dataset):
    def __init__(self, split, exclude=()):
        self.rows = []
        self.raw = set()
        for y, lang in enumerate(LANGS):
            with open(ROOT / lang / f"{split}_text.txt", encoding="utf-8") as f:
                for line in islice(f, PER_LANG):
                    t = clean(line)
                    if len(t) < 12 or t in exclude or t in self.raw:
                        continue
                    self.raw.add(t)
                    self.rows.append((grams(t), y))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(batch):
    flat, offsets, ys = [], [], []
    for g, y in batch:
        offsets.append(len(flat))
        flat.extend(g)
        ys.append(y)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor(ys)


class LangNet(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, dim, mode="mean")
        nn.init.uniform_(self.bag.weight, -0.1, 0.1)
        self.fc = nn.Linear(dim, len(LANGS))

    def forward(self, ids, offsets):
        return self.fc(self.bag(ids, offsets))


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    hit = n = 0
    for ids, off, y in loader:
        hit += (model(ids, off).argmax(1) == y).sum().item()
        n += len(y)
    return hit / n


def main():
    random.seed(3)
    torch.manual_seed(3)
    train = Tweets("train")
    val = Tweets("val", exclude=train.raw)
    tl = DataLoader(train, batch_size=64, shuffle=True, collate_fn=collate)
    vl = DataLoader(val, batch_size=256, collate_fn=collate)
    model = LangNet()
    epochs = 3
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: 1 - s / (epochs * len(tl)))
    print(len(train), "train tweets,", len(val), "validation tweets")
    for ep in range(epochs):
        model.train()
        tot = 0.0
        for ids, off, y in tl:
            loss = F.cross_entropy(model(ids, off), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            tot += loss.item() * len(y)
        print(f"epoch {ep + 1}: loss {tot / len(train):.3f}  val acc {accuracy(model, vl):.3f}")
    print(f"train acc {accuracy(model, tl):.3f}")


if __name__ == "__main__":
    main()
