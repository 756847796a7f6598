# find the German caption that belongs to an English one: two bag encoders, InfoNCE in both directions
import gzip, os, re
from collections import Counter
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(8)
DIR = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
N_TRAIN, N_DEV, V = 4500, 200, 1500


def sentences(part, lang, n):
    with gzip.open(f"{DIR}/{part}.{lang}.gz", "rt", encoding="utf-8") as fh:
        return [re.findall(r"\w+", fh.readline().lower()) for _ in range(n)]


class Side:
    """one language: its vocabulary and count matrices of its sentences"""
    def __init__(self, lang):
        tr, dv = sentences("train", lang, N_TRAIN), sentences("val", lang, N_DEV)
        self.vocab = {w: i for i, (w, _) in enumerate(Counter(w for s in tr for w in set(s)).most_common(V))}
        df = torch.ones(V)
        for s in tr:
            for w in set(s):
                if w in self.vocab:
                    df[self.vocab[w]] += 1
        self.idf = (N_TRAIN / df).log()
        self.train, self.dev = self.matrix(tr), self.matrix(dv)

    def matrix(self, sents):
        m = torch.zeros(len(sents), V)
        for i, s in enumerate(sents):
            for w in s:
                if w in self.vocab:
                    m[i, self.vocab[w]] = self.idf[self.vocab[w]]
        return F.normalize(m, dim=1)


en, de = Side("en"), Side("de")
keep = (en.train.sum(1) > 0) & (de.train.sum(1) > 0)
en.train, de.train = en.train[keep], de.train[keep]
left, right = nn.Linear(V, 96, bias=False), nn.Linear(V, 96, bias=False)
log_scale = nn.Parameter(torch.tensor(2.3))
params = [*left.parameters(), *right.parameters(), log_scale]
opt = torch.optim.Adam(params, lr=4e-3)


def logits(a, b):
    return log_scale.exp().clamp(max=50) * F.normalize(left(a), dim=1) @ F.normalize(right(b), dim=1).t()


def recall(a, b, k):
    with torch.no_grad():
        top = logits(a, b).topk(k, dim=1).indices
    return (top == torch.arange(len(a)).unsqueeze(1)).any(1).float().mean().item()


EPOCHS = 3
for epoch in range(EPOCHS):
    for g in opt.param_groups:
        g["lr"] = 4e-3 * (1 - epoch / EPOCHS)
    total = steps = 0
    for idx in torch.randperm(len(en.train)).split(128):
        s = logits(en.train[idx], de.train[idx])
        target = torch.arange(len(idx))
        loss = (F.cross_entropy(s, target, label_smoothing=0.05) + F.cross_entropy(s.t(), target, label_smoothing=0.05)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
        steps += 1
    print(f"epoch {epoch}: loss {total / steps:.3f}  dev R@1 {recall(en.dev, de.dev, 1):.3f}  R@5 {recall(en.dev, de.dev, 5):.3f}  of {N_DEV}")
print(f"train R@1 among {N_DEV}: {recall(en.train[:N_DEV], de.train[:N_DEV], 1):.3f}; temperature {1 / log_scale.exp().item():.3f}")
