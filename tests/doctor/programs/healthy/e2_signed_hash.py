# Financial PhraseBank (3 classes, 60 % neutral) with the hashing trick: word uni- and bigrams -> crc32 -> bucket and sign. No vocabulary.
import os, random, re, zlib
import torch
from torch import nn

random.seed(1); torch.manual_seed(1)
BITS = 13
path = os.path.join(os.environ["WORDFIT_DATA"], "sentiment/financial-phrasebank/Sentences_50Agree.txt")
LAB = {"negative": 0, "neutral": 1, "positive": 2}
rows, seen = [], set()
for line in open(path, encoding="utf-8"):
    s, _, y = line.strip().rpartition("@")
    key = re.sub(r"\W+", " ", s.lower()).strip()
    if key and key not in seen:
        seen.add(key); rows.append((key, LAB[y]))
random.shuffle(rows)
dev, train = rows[:900], rows[900:]


def features(s):  # list of buckets, list of signs
    w = re.sub(r"\d+", "0", s).split()
    grams = w + [a + "_" + b for a, b in zip(w, w[1:])]
    h = [zlib.crc32(g.encode()) for g in grams]
    return [x & (2 ** BITS - 1) for x in h], [1.0 if x >> 31 else -1.0 for x in h]


def collate(batch, drop=0.0):
    idx, sign, off = [], [], []
    for s, _ in batch:
        i, g = s
        if drop:
            keep = [k for k in range(len(i)) if random.random() >= drop] or [0]
            i, g = [i[k] for k in keep], [g[k] for k in keep]
        off.append(len(idx)); idx += i
        n = len(i) ** -0.5
        sign += [v * n for v in g]
    return torch.tensor(idx), torch.tensor(off), torch.tensor(sign), torch.tensor([y for _, y in batch])


train = [(features(s), y) for s, y in train]
dev = [(features(s), y) for s, y in dev]


class Hashed(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.bag = nn.EmbeddingBag(2 ** BITS, d, mode="sum", sparse=True)
        nn.init.normal_(self.bag.weight, std=0.05)
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(d, 3)

    def forward(self, i, o, w):
        return self.out(self.drop(self.bag(i, o, per_sample_weights=w)))


def scores(net):
    net.eval()
    i, o, w, y = collate(dev)
    with torch.no_grad():
        p = net(i, o, w).argmax(1)
    f = []
    for c in range(3):
        tp = ((p == c) & (y == c)).sum().item()
        f.append(2 * tp / max(1, (p == c).sum().item() + (y == c).sum().item()))
    return (p == y).float().mean().item(), f


net = Hashed()
opts = [torch.optim.SparseAdam(net.bag.parameters(), lr=3e-3), torch.optim.Adam(net.out.parameters(), lr=3e-3)]
n = torch.tensor([y for _, y in train]).bincount().float()
crit = nn.CrossEntropyLoss(weight=(n.sum() / (3 * n)).sqrt())
for epoch in range(6):
    net.train(); random.shuffle(train); tot = 0.
    for k in range(0, len(train), 32):
        i, o, w, y = collate(train[k:k + 32], 0.15)
        loss = crit(net(i, o, w), y)
        net.zero_grad(); loss.backward()
        for o_ in opts:
            o_.step()
        tot += loss.item() * len(y)
    for o_ in opts:
        o_.param_groups[0]["lr"] *= 0.65
    acc, f = scores(net)
    print(f"epoch {epoch} loss {tot / len(train):.4f} dev acc {acc:.3f} macro-F1 {sum(f) / 3:.3f} (neg {f[0]:.2f} neu {f[1]:.2f} pos {f[2]:.2f})")
