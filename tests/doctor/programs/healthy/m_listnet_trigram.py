"""ListNet over short candidate lists. Query and snippet are bags of character trigrams (fastText style), the
scorer sees the two vectors, their product and difference. Graded relevance 0..3, NDCG@5, MRR of grade 3.
"""
import argparse
import collections
import math
import random
import numpy as np
import torch
import torch.nn as nn

ap = argparse.ArgumentParser()
ap.add_argument("--lists", type=int, default=600)
ap.add_argument("--cands", type=int, default=8)
ap.add_argument("--epochs", type=int, default=5)
ap.add_argument("--lr", type=float, default=8e-3)
args = ap.parse_args()

random.seed(21)
np.random.seed(21)
torch.manual_seed(21)

STEMS = ["garden", "market", "silver", "winter", "travel", "copper", "forest", "bridge", "harbour", "castle",
         "planet", "violin", "marble", "orchid", "rocket", "saddle", "temple", "velvet", "walnut", "canyon"]
ENDS = ["", "s", "ing", "ed", "er", "land"]
GLUE_WORDS = "the old a new of near and for with in".split()


def surface(stem):
    return stem + random.choice(ENDS)


def make_list():
    asked = random.sample(STEMS, 3)
    rest = [s for s in STEMS if s not in asked]
    query = " ".join(surface(s) for s in asked)
    cands = []
    for _ in range(args.cands):
        grade = random.choices([0, 1, 2, 3], weights=[4, 3, 2, 1])[0]
        stems = random.sample(asked, grade) + random.sample(rest, 4 - grade)
        random.shuffle(stems)
        cands.append((" ".join(random.choice(GLUE_WORDS) + " " + surface(s) for s in stems), grade))
    return query, cands


def trigrams(text):
    out = []
    for w in text.split():
        w = f"<{w}>"
        out += [w[i:i + 3] for i in range(len(w) - 2)]
    return out


train = [make_list() for _ in range(args.lists)]
test = [make_list() for _ in range(150)]
counts = collections.Counter(g for q, cs in train for t in [q] + [c for c, _ in cs] for g in trigrams(t))
index = {g: i + 1 for i, (g, _) in enumerate(counts.most_common())}  # 0: padding and unknown, both nothing
print(len(index), "trigrams")


def ids(texts):
    seqs = [[index.get(g, 0) for g in trigrams(t)] for t in texts]
    width = max(map(len, seqs))
    return torch.tensor([s + [0] * (width - len(s)) for s in seqs])


def tensors(lists):
    q = ids([q for q, _ in lists])
    c = ids([t for _, cs in lists for t, _ in cs]).view(len(lists), args.cands, -1)
    g = torch.tensor([[g for _, g in cs] for _, cs in lists])
    return q, c, g


class Scorer(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.grams = nn.Embedding(n, d, padding_idx=0)
        self.head = nn.Sequential(nn.Linear(3 * d, 32), nn.ReLU(), nn.Linear(32, 1))

    def pool(self, x):
        return self.grams(x).sum(-2) / (x != 0).sum(-1, keepdim=True).clamp(min=1).sqrt()

    def forward(self, q, c):
        a = self.pool(q)[:, None].expand(-1, c.size(1), -1)
        b = self.pool(c)
        return self.head(torch.cat([a * b, (a - b).abs(), b], -1)).squeeze(-1)


def ndcg(scores, grades, k=5):
    disc = 1 / torch.log2(torch.arange(2, k + 2).float())
    gain = 2.0 ** grades - 1
    got = (gain.gather(1, scores.argsort(1, descending=True))[:, :k] * disc).sum(1)
    best = (gain.sort(1, descending=True).values[:, :k] * disc).sum(1)
    ok = best > 0
    return (got[ok] / best[ok]).mean().item()


tr, te = tensors(train), tensors(test)
net = Scorer(len(index) + 1)
opt = torch.optim.Adam(net.parameters(), lr=args.lr)
lr_of = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs)
for epoch in range(args.epochs):
    net.train()
    tot = 0
    for rows in torch.randperm(len(train)).split(20):
        s = net(tr[0][rows], tr[1][rows])
        want = torch.softmax(tr[2][rows].float() * 1.5, dim=1)       # one distribution per list
        loss = -(want * torch.log_softmax(s, dim=1)).sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(rows)
    lr_of.step()
    net.eval()
    with torch.no_grad():
        a, b = net(tr[0], tr[1]), net(te[0], te[1])
    print(f"[{epoch}] listnet {tot / len(train):.3f}  ndcg@5 train {ndcg(a, tr[2]):.3f} test {ndcg(b, te[2]):.3f}")
print("ndcg@5 of a random order %.3f" % np.mean([ndcg(torch.rand(b.shape), te[2]) for _ in range(20)]))
