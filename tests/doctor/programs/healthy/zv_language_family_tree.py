"""Language of a tweet, with a two-level label tree: p(language) = p(family) * p(language | family). Hashed letter n-grams,
sparse gradients for the table, dense Adam for the heads."""
import os, re, zlib, random
import torch
from torch import nn

random.seed(12); torch.manual_seed(12)
ROOT = os.environ["WORDFIT_DATA"] + "/sentiment/umsab-multilingual/"
TREE = {"romance": ["french", "italian", "portuguese", "spanish"], "germanic": ["english", "german"], "other": ["arabic", "hindi"]}
LEAVES = [(f, l) for f in TREE for l in TREE[f]]
BUCKETS = 1 << 14


def grams(s):
    s = "_".join([""] + [w for w in re.sub(r"[@#]\S+|http\S*|[\d\W]+", " ", s.lower()).split()] + [""])[:70]
    return [zlib.crc32(s[i:i + n].encode()) % BUCKETS for n in (1, 2, 3) for i in range(len(s) - n + 1)]


def load(split, cap):
    rows = []
    for k, (_, lang) in enumerate(LEAVES):
        with open(f"{ROOT}{lang}/{split}_text.txt", encoding="utf-8") as f:
            texts = [g for g in map(grams, f.read().split("\n")[:cap]) if len(g) > 20]
        rows += [(g, k) for g in texts]
    random.shuffle(rows)
    return rows


train, test = load("train", 450), load("test", 120)


class Tree(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, d, mode="mean", sparse=True)
        self.top = nn.Linear(d, len(TREE))
        self.sub = nn.ModuleDict({f: nn.Linear(d, len(TREE[f])) for f in TREE})

    def forward(self, flat, offsets):
        h = self.bag(flat, offsets)
        fam = self.top(h).log_softmax(1)
        return torch.cat([fam[:, [i]] + self.sub[f](h).log_softmax(1) for i, f in enumerate(TREE)], 1)   # log p(leaf)


def batches(rows, n):
    for i in range(0, len(rows), n):
        b = rows[i:i + n]
        off = torch.tensor([0] + [len(g) for g, _ in b]).cumsum(0)[:-1]
        yield torch.tensor([x for g, _ in b for x in g]), off, torch.tensor([k for _, k in b])


net = Tree()
opts = [torch.optim.SparseAdam(list(net.bag.parameters()), lr=1e-2),
        torch.optim.Adam([p for n, p in net.named_parameters() if not n.startswith("bag")], lr=1e-2)]
family = torch.tensor([list(TREE).index(f) for f, _ in LEAVES])


def evaluate(rows):
    net.eval(); leaf = fam = 0
    with torch.no_grad():
        for flat, off, y in batches(rows, 256):
            p = net(flat, off).argmax(1)
            leaf += (p == y).sum().item(); fam += (family[p] == family[y]).sum().item()
    return leaf / len(rows), fam / len(rows)


for ep in range(3):
    net.train(); random.shuffle(train); s = 0.
    for flat, off, y in batches(train, 40):
        loss = nn.functional.nll_loss(net(flat, off), y)
        for o in opts: o.zero_grad()
        loss.backward()
        for o in opts: o.step()
        s += loss.item() * len(y)
    for o in opts:
        for g in o.param_groups: g["lr"] *= .5
    print(f"epoch {ep}: nll {s / len(train):.3f}  train leaf %.3f family %.3f" % evaluate(train), " test leaf %.3f family %.3f" % evaluate(test))
