"""
Which language is this caption? (Multi30k: en, de, fr, cs)

Evidential classifier after Sensoy et al. (2018): the net gives non-negative evidence, the loss is the expected
cross entropy under Dirichlet(1 + evidence) plus a KL term towards the flat Dirichlet that is phased in.
"""
import gzip
import os
import zlib

import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(0)
root = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
HASH = 4096


def read(split, lang, n, skip=0):
    with gzip.open(os.path.join(root, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as fh:
        for i, line in enumerate(fh):
            if skip <= i < skip + n:
                yield line.strip().lower()
            elif i >= skip + n:
                break


def trigrams(s):
    s = f" {s[:14]} "
    return [zlib.crc32(s[i:i + 3].encode()) % HASH for i in range(len(s) - 2)]


def load(split, n):
    # another block of captions for every language, so that no caption is there with its translation
    rows = [(trigrams(t), k) for k, l in enumerate(LANGS) for t in read(split, l, n, skip=k * n)]
    return [r for r in rows if r[0]]


def collate(rows):
    lens = [len(r) for r, _ in rows]
    return (torch.tensor([g for r, _ in rows for g in r]), torch.tensor(np.cumsum([0] + lens[:-1])),
            torch.tensor([k for _, k in rows]))


def edl_loss(alpha, y, weight):
    S = alpha.sum(1, keepdim=True)
    hot = F.one_hot(y, len(LANGS)).float()
    risk = (hot * (torch.digamma(S) - torch.digamma(alpha))).sum(1)
    a = hot + (1 - hot) * alpha                      # evidence for wrong classes only
    s = a.sum(1, keepdim=True)
    kl = (torch.lgamma(s).squeeze(1) - torch.lgamma(torch.tensor(float(len(LANGS)))) - torch.lgamma(a).sum(1)
          + ((a - 1) * (torch.digamma(a) - torch.digamma(s))).sum(1))
    return (risk + weight * kl).mean()


class EvidenceNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = torch.nn.EmbeddingBag(HASH, 16, mode="mean")
        self.head = torch.nn.Linear(16, len(LANGS))

    def forward(self, flat, off):
        return F.softplus(self.head(self.bag(flat, off)))


train_rows, test_rows = load("train", 700), load("val", 200)
net = EvidenceNet()
opt = torch.optim.Adam(net.parameters(), lr=3e-2)
rng = np.random.default_rng(0)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=6)


def report(rows):
    with torch.no_grad():
        flat, off, y = collate(rows)
        alpha = net(flat, off) + 1
        u = len(LANGS) / alpha.sum(1)
        ok = alpha.argmax(1) == y
    return ok.float().mean().item(), u.mean().item()


for epoch in range(6):
    anneal = min(1.0, epoch / 3) * 0.2
    run = []
    for part in np.array_split(rng.permutation(len(train_rows)), 44):
        flat, off, y = collate([train_rows[i] for i in part])
        loss = edl_loss(net(flat, off) + 1, y, anneal)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.append(loss.item())
    sched.step()
    a, u = report(test_rows)
    print(f"epoch {epoch} loss {np.mean(run):.4f} train acc {report(train_rows)[0]:.3f} val acc {a:.3f} mean uncertainty {u:.3f}")
