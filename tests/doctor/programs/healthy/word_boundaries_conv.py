"""Put the spaces back: thequickbrownfox -> the quick brown fox.  One binary decision per character."""
import gzip
import os
import random

import torch
from torch import nn

random.seed(8)
torch.manual_seed(8)
W = 28                               # fixed windows, so there is nothing to pad


def stream(path, n_lines):
    with gzip.open(path, "rt", encoding="utf-8") as f:
        text = " ".join(next(f).strip() for _ in range(n_lines)).lower()
    return " ".join("".join(c if c.isalpha() and c.isascii() else " " for c in text).split())


def windows(text):
    chars, starts, new = [], [], True
    for c in text:
        if c == " ":
            new = True
        else:
            chars.append(ord(c) - 97)
            starts.append(float(new))
            new = False
    n = len(chars) // W * W
    return torch.tensor(chars[:n]).view(-1, W), torch.tensor(starts[:n]).view(-1, W)


base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
xtr, ytr = windows(stream(f"{base}/train.en.gz", 1100))
xte, yte = windows(stream(f"{base}/val.en.gz", 200))


class Residual(nn.Module):
    def __init__(self, ch, dil):
        super().__init__()
        self.c = nn.Conv1d(ch, ch, 3, padding=dil, dilation=dil)
        self.n = nn.GroupNorm(4, ch)

    def forward(self, h):
        return h + torch.relu(self.n(self.c(h)))


class Segmenter(nn.Module):
    def __init__(self, ch=32):
        super().__init__()
        self.inp = nn.Embedding(26, ch)
        self.body = nn.Sequential(*(Residual(ch, d) for d in (1, 2, 3)))
        self.out = nn.Conv1d(ch, 1, 1)

    def forward(self, x):
        return self.out(self.body(self.inp(x).transpose(1, 2))).squeeze(1)


net = Segmenter()
rate = ytr.mean()
bce = nn.BCEWithLogitsLoss(pos_weight=((1 - rate) / rate).sqrt())
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)


def f1(x, y):
    net.eval()
    with torch.no_grad():
        p = net(x) > 0
    tp = (p & (y > 0)).sum().item()
    return 2 * tp / (p.sum().item() + y.sum().item())


print("windows", len(xtr), "word starts per character %.3f" % rate)
for ep in range(5):
    net.train()
    tot = 0.0
    for b in torch.randperm(len(xtr)).split(32):
        loss = bce(net(xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    sched.step()
    print(f"epoch {ep}  loss {tot / len(xtr):.4f}  F1 train {f1(xtr[:600], ytr[:600]):.4f}  val {f1(xte, yte):.4f}")
