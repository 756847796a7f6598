import os, gzip, copy
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]
SEEDS = [11, 22, 33]
HID, BLOCKS, BS, EPOCHS = 16, 2, 256, 3

texts, labels = [], []
for lab, name in enumerate(["neg", "pos"]):
    for l in open(f"{DATA}/sentiment/MR/rt-polarity.{name}", encoding="latin-1"):
        texts.append(l.split())
        labels.append(lab)
order = np.random.RandomState(0).permutation(len(texts))
used = {w for t in texts for w in t}

vec = {}
with gzip.open(f"{DATA}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf8") as f:
    next(f)   # header
    for l in f:
        w, v = l.split(" ", 1)
        if w in used:
            vec[w] = np.array(v.split(), dtype=np.float32)


class Highway(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.cand, self.gate = nn.Linear(d, d), nn.Linear(d, d)
        nn.init.constant_(self.gate.bias, -1.5)      # start by carrying

    def forward(self, x):
        z = self.norm(x)
        g = torch.sigmoid(self.gate(z))
        return x * (1 - g) + g * F.gelu(self.cand(z))


class Net(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.inp = nn.Linear(n_in, HID)
        self.blocks = nn.ModuleList()
        for _ in range(BLOCKS):
            self.blocks.append(Highway(HID))
        self.head = nn.Linear(HID, 1)

    def forward(self, x):
        h = self.inp(F.dropout(x, 0.5, self.training))
        for b in self.blocks:
            h = b(h)
        return self.head(h).squeeze(-1)


# the vectors stay as they are, so every sentence is pooled only once
feats, gold = [], []
for i in order:
    known = [vec[w] for w in texts[i] if w in vec]
    if known:
        feats.append(np.mean(known, axis=0))
        gold.append(labels[i])
feats, gold = torch.from_numpy(np.stack(feats)), torch.tensor(gold, dtype=torch.float)
n = len(feats)
a, b = int(.8 * n), int(.9 * n)
feats = (feats - feats[:a].mean(0)) / feats[:a].std(0)
X, Xd, Xt = feats[:a], feats[a:b], feats[b:]
y, yd, yt = gold[:a], gold[a:b], gold[b:]


def hit(z, t):
    return ((z > 0).float() == t).float().mean().item()


votes = []
for seed in SEEDS:
    torch.manual_seed(seed)
    net = Net(X.shape[1])
    opt = torch.optim.RMSprop(net.parameters(), lr=3e-3, alpha=0.95, momentum=0.5)
    keep, best = None, (-1, -1)
    for ep in range(EPOCHS):
        net.train()
        for idx in torch.randperm(a).split(BS):
            loss = F.binary_cross_entropy_with_logits(net(X[idx]), y[idx])
            net.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
        opt.param_groups[0]["lr"] *= 0.5
        net.eval()
        with torch.inference_mode():
            score = hit(net(Xd), yd), hit(net(X), y)
        if score > best:
            keep, best = copy.deepcopy(net.state_dict()), score
    net.load_state_dict(keep)
    net.eval()
    with torch.inference_mode():
        votes.append(net(Xt))
    print(f"seed {seed}: loss {loss.item():.3f} train {best[1]:.3f} dev {best[0]:.3f} test {hit(votes[-1], yt):.3f}")
ens = torch.stack(votes).sigmoid().mean(0) - .5
print(f"ensemble of {len(SEEDS)}: test {hit(ens, yt):.3f}")
