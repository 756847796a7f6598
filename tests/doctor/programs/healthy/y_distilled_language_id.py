"""distil.py - teacher: char n-gram logistic regression (sklearn). Student: a 1.5k parameter torch net that learns the
teacher's soft answers (KL, temperature 2) and, with a smaller weight, the labels. English / German / French / Czech."""
import gzip
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression

SEED, TEMP, ALPHA = 40, 2.0, 0.8
LANGS = ("en", "de", "fr", "cs")
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)


def load(n):
    folder = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
    texts, labels = [], []
    for k, lang in enumerate(LANGS):
        with gzip.open(os.path.join(folder, f"val.{lang}.gz"), "rt", encoding="utf-8") as fh:
            for _, line in zip(range(n), fh):
                words = line.lower().split()
                start = int(rng.integers(0, max(1, len(words) - 4)))
                texts.append(" ".join(words[start:start + 4]))
                labels.append(k)
    order = rng.permutation(len(texts))
    return [texts[i] for i in order], np.array(labels)[order]


texts, labels = load(700)
cut = 2300
train_t, dev_t, train_y, dev_y = texts[:cut], texts[cut:], labels[:cut], labels[cut:]

hasher = HashingVectorizer(analyzer="char_wb", ngram_range=(1, 3), n_features=2 ** 11)
h_train = hasher.transform(train_t)
teacher = LogisticRegression(C=20.0, max_iter=100).fit(h_train, train_y)
print("teacher accuracy %.3f" % teacher.score(hasher.transform(dev_t), dev_y))
soft = torch.tensor(teacher.predict_log_proba(h_train), dtype=torch.float32)
soft = F.log_softmax(soft / TEMP, dim=1)

chars = sorted({c for t in train_t for c in t})
lookup = {c: i + 2 for i, c in enumerate(chars)}


def encode(rows, width=32):
    out = torch.zeros(len(rows), width, dtype=torch.long)
    for i, r in enumerate(rows):
        ids = [lookup.get(c, 1) for c in r[:width]]
        out[i, :len(ids)] = torch.tensor(ids)
    return out


class Student(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.char = nn.Embedding(n, 8, padding_idx=0)
        self.conv = nn.Conv1d(8, 24, 3)
        self.top = nn.Linear(24, len(LANGS))

    def forward(self, x):
        h = self.conv(self.char(x).transpose(1, 2)).relu()
        real = (x[:, 2:] != 0).unsqueeze(1)
        h = (h * real).sum(2) / real.sum(2).clamp(min=1)
        return self.top(h)


x_train, y_train = encode(train_t), torch.from_numpy(train_y)
x_dev, y_dev = encode(dev_t), torch.from_numpy(dev_y)
student = Student(len(chars) + 2)
print(sum(p.numel() for p in student.parameters()), "student parameters")
opt = torch.optim.AdamW(student.parameters(), lr=1e-2, weight_decay=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 9)
for epoch in range(9):
    student.train()
    kl_sum = ce_sum = 0.0
    for idx in torch.randperm(cut).split(40):
        logits = student(x_train[idx])
        kl = F.kl_div(F.log_softmax(logits / TEMP, 1), soft[idx], reduction="batchmean", log_target=True) * TEMP ** 2
        ce = F.cross_entropy(logits, y_train[idx])
        opt.zero_grad()
        (ALPHA * kl + (1 - ALPHA) * ce).backward()
        opt.step()
        kl_sum += kl.item() * len(idx) / cut
        ce_sum += ce.item() * len(idx) / cut
    sched.step()
    student.eval()
    with torch.no_grad():
        acc = (student(x_dev).argmax(1) == y_dev).float().mean().item()
        acc_train = (student(x_train).argmax(1) == y_train).float().mean().item()
    print("epoch %d  kl %.3f  ce %.3f  student train %.3f dev %.3f" % (epoch, kl_sum, ce_sum, acc_train, acc))
