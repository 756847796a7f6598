"""Prototypical networks (Snell et al. 2017): 5-way 5-shot episodes over the languages of tweets, tested with unseen
tweets and with three more languages that never took part in an episode."""
import os, re, zlib
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

BASE = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
META_TRAIN = ["english", "french", "german", "spanish", "italian"]
META_TEST = ["portuguese", "hindi", "arabic"]
rng = np.random.default_rng(11); torch.manual_seed(11)
H = 4096


def grams(text):
    text = re.sub(r"http\S*|@user|[#\d]", " ", text.lower())
    ids = []
    for w in text.split():
        w = f"<{w}>"
        ids += [zlib.crc32(w[i:i + 3].encode()) % H for i in range(len(w) - 2)]
    return torch.tensor(ids[:120])


def texts(lang, split):
    with open(f"{BASE}/{lang}/{split}_text.txt", encoding="utf-8") as fh:
        out = [grams(l) for l in dict.fromkeys(fh.read().split("\n"))]
    return [t for t in out if len(t) >= 20]


pool = {l: texts(l, "train")[:700] for l in META_TRAIN}
test = {l: texts(l, "test")[:250] for l in META_TRAIN + META_TEST}


class Embed(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(H, d, mode="mean")
        self.norm = nn.LayerNorm(d)

    def forward(self, items):
        off = torch.tensor([0] + [len(t) for t in items[:-1]]).cumsum(0)
        return self.norm(self.bag(torch.cat(items), off))


def episode(net, source, shots, queries):
    """negative squared distances of the queries to the prototypes, and the answers"""
    support, query, y = [], [], []
    for k, items in enumerate(source.values()):
        pick = rng.permutation(len(items))[:shots + queries]
        support += [items[i] for i in pick[:shots]]
        query += [items[i] for i in pick[shots:]]
        y += [k] * queries
    z = net(support + query)
    proto = z[:len(support)].view(len(source), shots, -1).mean(1)
    return -torch.cdist(z[len(support):], proto).pow(2) / z.shape[1], torch.tensor(y)


@torch.no_grad()
def meta_eval(net, source, shots, n=15):
    net.eval()
    hits = []
    for _ in range(n):
        s, y = episode(net, source, shots, 30)
        hits.append((s.argmax(1) == y).float().mean().item())
    return np.mean(hits)


net = Embed()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 240)
print(f"chance 0.200, untrained {meta_eval(net, {l: test[l] for l in META_TRAIN}, 5):.3f}")
running = []
for it in range(1, 241):
    net.train()
    s, y = episode(net, pool, 5, 10)
    loss = F.cross_entropy(s, y)
    opt.zero_grad(); loss.backward(); opt.step(); sched.step()
    running.append(loss.item())
    if it % 40 == 0:
        print(f"episode {it}: loss {np.mean(running[-40:]):.4f}  held-out tweets {meta_eval(net, {l: test[l] for l in META_TRAIN}, 5):.3f}")
print(f"train tweets {meta_eval(net, pool, 5):.3f}")
print(f"8-way with three new languages, 5 shots: {meta_eval(net, test, 5):.3f}   20 shots: {meta_eval(net, test, 20):.3f}")
