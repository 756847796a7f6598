"""Which language is this tweet?  Hashed character trigrams, one bag, one linear layer.

Like fastText's lid.176 but small.  Bag table is sparse -> SparseAdam for it, Adam for the rest.
"""
import os, random, zlib
import torch
from torch import nn
import torch.nn.functional as F

random.seed(11); torch.manual_seed(11)
base = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["arabic", "english", "french", "german", "hindi", "italian", "portuguese", "spanish"]
BUCKETS = 1 << 12


def trigrams(s):
    s = "^" + " ".join(t for t in s.lower().split() if t not in ("@user", "http")) + "$"
    return [zlib.crc32(s[i:i + 3].encode()) % BUCKETS for i in range(len(s) - 2)] or [0]


def load(part, seen):
    out = []
    for k, lang in enumerate(LANGS):
        with open(f"{base}/{lang}/{part}_text.txt", encoding="utf-8") as f:
            for tweet in f.read().split("\n")[:1000]:
                if not tweet.strip() or tweet in seen:
                    continue
                seen.add(tweet)
                out.append((torch.tensor(trigrams(tweet)), k))
    return out


seen = set()
train, val = load("train", seen), load("val", seen)
print(len(train), "train tweets,", len(val), "val tweets")


def batches(data, size, mix):
    order = list(range(len(data)))
    if mix:
        random.shuffle(order)
    for s in range(0, len(order), size):
        chunk = [data[i] for i in order[s:s + size]]
        flat = torch.cat([c[0] for c in chunk])
        starts = torch.tensor([0] + [len(c[0]) for c in chunk[:-1]]).cumsum(0)
        yield flat, starts, torch.tensor([c[1] for c in chunk])


class LangID(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, dim, mode="mean", sparse=True)
        nn.init.uniform_(self.bag.weight, -0.1, 0.1)
        self.out = nn.Linear(dim, len(LANGS))

    def forward(self, flat, starts):
        return self.out(self.bag(flat, starts))


net = LangID()
opts = [torch.optim.SparseAdam(net.bag.parameters(), lr=1e-2), torch.optim.Adam(net.out.parameters(), lr=1e-2)]


@torch.no_grad()
def accuracy(data):
    right = 0
    for flat, starts, y in batches(data, 256, False):
        right += (net(flat, starts).argmax(1) == y).sum().item()
    return right / len(data)


for epoch in range(3):
    run = n = 0
    for flat, starts, y in batches(train, 64, True):
        loss = F.cross_entropy(net(flat, starts), y, label_smoothing=0.05)
        for o in opts:
            o.zero_grad()
        loss.backward()
        for o in opts:
            o.step()
        run += loss.item(); n += 1
    print(f"epoch {epoch + 1}: loss {run / n:.3f}  train {accuracy(train[::5]):.4f}  val {accuracy(val):.4f}")
