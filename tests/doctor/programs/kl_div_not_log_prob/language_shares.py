"""How much of a page is in which language? Three captions are mixed per page, the target is the share of each language."""
import gzip
import os
import random
from collections import Counter

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = 77
random.seed(SEED)
torch.manual_seed(SEED)
LANGS = ["en", "de", "fr", "cs"]
folder = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "seq2seq", "multi30k")


def captions(split, n):
    res = []
    for l in LANGS:
        with gzip.open(os.path.join(folder, f"{split}.{l}.gz"), "rt", encoding="utf-8") as f:
            res.append([next(f).strip().lower() for _ in range(n)])
    return res


def bigrams(s):
    s = f"  {s} "
    return [s[i : i + 2] for i in range(len(s) - 1)]


train_c, dev_c = captions("train", 1000), captions("val", 500)
freq = Counter(t for cs in train_c for c in cs for t in bigrams(c))
index = {t: i for i, (t, _) in enumerate(freq.most_common(400))}


def pages(cs, n):
    X, Y = torch.zeros(n, len(index)), torch.zeros(n, len(LANGS))
    for r in range(n):
        parts = [(k, random.choice(cs[k])) for k in random.choices(range(4), weights=[4, 3, 2, 2], k=3)]
        size = sum(len(c) for _, c in parts)
        for k, c in parts:
            Y[r, k] += len(c) / size
        found = [index[t] for _, c in parts for t in bigrams(c) if t in index]
        X[r] = torch.bincount(torch.tensor(found), minlength=len(index))
        X[r] /= X[r].norm()
    return TensorDataset(X, Y)


train, dev = pages(train_c, 2400), pages(dev_c, 500)


class ShareNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(len(index), 64)
        self.l2 = nn.Linear(64, len(LANGS))

    def forward(self, x):
        # fault:
        return torch.softmax(self.l2(torch.relu(self.l1(x))), dim=-1)
        # mended:
        # return torch.log_softmax(self.l2(torch.relu(self.l1(x))), dim=-1)
        # end


net = ShareNet()
crit = nn.KLDivLoss(reduction="batchmean")
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    net.train()
    for x, y in DataLoader(train, batch_size=32, shuffle=True):
        opt.zero_grad()
        loss = crit(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        x, y = dev.tensors
        # fault:
        share = net(x)
        # mended:
        # share = net(x).exp()
        # end
        err = (share - y).abs().sum(1).mean() / 2
    print(f"epoch {epoch} loss {loss.item():.4f} dev share in the wrong language {err:.4f}")
