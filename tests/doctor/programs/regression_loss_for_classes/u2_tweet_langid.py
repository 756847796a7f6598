"""Language identification of tweets with hashed character n-grams (an EmbeddingBag, fastText style)."""
import os
import zlib

import torch
from torch import nn

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 4000
torch.manual_seed(8)


def grams(text, lo=2, hi=3):
    text = "<" + text.lower().replace("@user", "").replace("http", "").strip() + ">"
    out = []
    for n in range(lo, hi + 1):
        out += [zlib.crc32(text[i:i + n].encode()) % BUCKETS for i in range(len(text) - n + 1)]
    return out[:160]


def load(split, limit):
    data, seen = [], set()
    for label, lang in enumerate(LANGS):
        with open(os.path.join(ROOT, lang, split + "_text.txt"), encoding="utf-8") as f:
            for line in list(f)[:limit]:
                if line not in seen and len(line) > 20:
                    seen.add(line)
                    data.append((grams(line), label))
    return data


class LangID(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, dim, mode="mean")
        # fault:
        self.out = nn.Linear(dim, 1)
        # mended:
        #self.out = nn.Linear(dim, len(LANGS))
        # end

    def forward(self, flat, offsets):
        return self.out(self.bag(flat, offsets))


def collate(items):
    flat = torch.tensor([g for bag, _ in items for g in bag])
    lengths = torch.tensor([0] + [len(bag) for bag, _ in items[:-1]])
    return flat, lengths.cumsum(0), torch.tensor([y for _, y in items])


class Trainer:
    def __init__(self, model, train, val, lr=1e-2, batch=50):
        self.model, self.train_set, self.val_set, self.batch = model, train, val, batch
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)
        # fault:
        self.criterion = nn.MSELoss()
        # mended:
        #self.criterion = nn.CrossEntropyLoss()
        # end

    def loss(self, out, y):
        # fault:
        return self.criterion(out.squeeze(1), y.float())
        # mended:
        #return self.criterion(out, y)
        # end

    def predict(self, out):
        # fault:
        return out.squeeze(1).round().clamp(0, len(LANGS) - 1).long()
        # mended:
        #return out.argmax(1)
        # end

    def epoch(self):
        self.model.train()
        total = 0.0
        for idx in torch.randperm(len(self.train_set)).split(self.batch):
            flat, off, y = collate([self.train_set[i] for i in idx])
            self.opt.zero_grad()
            loss = self.loss(self.model(flat, off), y)
            loss.backward()
            self.opt.step()
            total += loss.item() * len(y)
        return total / len(self.train_set)

    @torch.no_grad()
    def score(self, data):
        self.model.eval()
        flat, off, y = collate(data)
        out = self.model(flat, off)
        return self.loss(out, y).item(), (self.predict(out) == y).float().mean().item()

    def fit(self, epochs):
        for e in range(epochs):
            tl = self.epoch()
            vl, va = self.score(self.val_set)
            print("epoch %d  loss %.3f  val loss %.3f  val accuracy %.3f" % (e + 1, tl, vl, va))
        print("accuracy on training tweets %.3f" % self.score(self.train_set)[1])


if __name__ == "__main__":
    train, val = load("train", 420), load("val", 100)
    print(len(train), "training tweets,", len(val), "validation tweets,", len(LANGS), "languages")
    Trainer(LangID(), train, val).fit(5)
