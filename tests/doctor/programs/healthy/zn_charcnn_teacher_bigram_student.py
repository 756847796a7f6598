# Knowledge distillation: a char-CNN teacher and a tiny bag-of-letter-pairs student that has to run on a watch.
# Task: which of four languages is a snippet of a caption (Multi30k)?
import gzip
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6)
torch.manual_seed(6)
PATH = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"
LANGS = ("en", "de", "fr", "cs")
SIZE = 24            # characters per snippet, cut from inside of the caption: no padding


def snippets(split, lang, start, stop):
    with gzip.open(f"{PATH}{split}.{lang}.gz", "rt", encoding="utf-8") as f:
        for line in f.read().splitlines()[start:stop]:
            line = "".join(c for c in line.lower() if c.isascii())     # accents would give it away
            if len(line) > SIZE + 4:
                at = random.randrange(len(line) - SIZE)
                yield line[at:at + SIZE]


# a different slice of the captions for every language: no translations of each other in the set
train = [(s, k) for k, l in enumerate(LANGS) for s in snippets("train", l, 1500 * k, 1500 * (k + 1))]
test = [(s, k) for k, l in enumerate(LANGS) for s in snippets("val", l, 250 * k, 250 * (k + 1))]
random.shuffle(train)
CH = "abcdefghijklmnopqrstuvwxyz .,"
cid = {c: i for i, c in enumerate(CH)}
N = len(CH) + 1


def encode(rows):
    return (torch.tensor([[cid.get(c, N - 1) for c in s] for s, _ in rows]), torch.tensor([k for _, k in rows]))


xtr, ytr = encode(train)
xte, yte = encode(test)


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(N, 16)
        self.convs = nn.ModuleList([nn.Conv1d(16, 32, k) for k in (2, 3, 4)])
        self.drop = nn.Dropout(0.25)
        self.out = nn.Linear(96, 4)

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        return self.out(self.drop(torch.cat([c(e).relu().amax(2) for c in self.convs], 1)))


class Student(nn.Module):
    """one row of four numbers for every pair of letters"""
    def __init__(self):
        super().__init__()
        self.table = nn.EmbeddingBag(N * N, 4, mode="sum")
        nn.init.zeros_(self.table.weight)

    def forward(self, x):
        return self.table(x[:, :-1] * N + x[:, 1:])


def fit(model, loss_fn, epochs, lr, name):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    for ep in range(epochs):
        model.train()
        tot = 0.0
        for idx in torch.randperm(len(xtr)).split(64):
            loss = loss_fn(model(xtr[idx]), idx)
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(idx)
        sched.step()
        model.eval()
        with torch.no_grad():
            print(f"{name} epoch {ep + 1}: loss {tot / len(xtr):.4f} "
                  f"train {(model(xtr).argmax(1) == ytr).float().mean():.3f} "
                  f"test {(model(xte).argmax(1) == yte).float().mean():.3f}")


teacher = Teacher()
fit(teacher, lambda z, idx: F.cross_entropy(z, ytr[idx]), 4, 4e-3, "teacher")
teacher.requires_grad_(False)
with torch.no_grad():
    soft = teacher(xtr)

TEMP, ALPHA = 2.0, 0.7


def distil(z, idx):
    kd = F.kl_div(F.log_softmax(z / TEMP, 1), F.log_softmax(soft[idx] / TEMP, 1), reduction="batchmean", log_target=True)
    return ALPHA * TEMP ** 2 * kd + (1 - ALPHA) * F.cross_entropy(z, ytr[idx])


student = Student()
fit(student, distil, 5, 0.02, "student")
