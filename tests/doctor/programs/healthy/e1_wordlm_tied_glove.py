"""Word language model on short English sentences. LSTM, tied input/output embeddings started from GloVe,
early stopping on the validation perplexity."""
import collections
import copy
import gzip
import math
import os
import random

import numpy as np
import torch
from torch import nn

torch.manual_seed(5)
random.seed(5)
D = os.environ["WORDFIT_DATA"]

sents = []
with gzip.open(f"{D}/seq2seq/tatoeba-fra-eng/fra.txt.gz", "rt", encoding="utf-8") as f:
    prev = None
    for i, line in enumerate(f):
        eng = line.split("\t")[0]
        if eng != prev and 8000 < i < 30000:
            sents.append(eng)
        prev = eng


def tok(s):
    for p in ".,?!":
        s = s.replace(p, " " + p)
    return s.lower().replace("'", " '").split()


sents = sorted({" ".join(tok(s)) for s in sents})
random.shuffle(sents)
train, valid = sents[:2200], sents[2200:2600]
freq = collections.Counter(w for s in train for w in s.split())
itos = ["<pad>", "<s>", "</s>", "<unk>"] + [w for w, c in freq.most_common(1200) if c >= 3]
stoi = {w: i for i, w in enumerate(itos)}

glove = {}
with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.rstrip("\n").split(" ", 1)
        if w in stoi:
            glove[w] = np.array(v.split(), dtype="float32")
scale = np.std(np.stack(list(glove.values())))
init = np.random.default_rng(0).normal(0, scale, (len(itos), 50)).astype("float32")
for w, v in glove.items():
    init[stoi[w]] = v
init *= 0.25          # tied with the output layer: keep first logits small, all rows alike
init[0] = 0
print(f"{len(train)} sentences, vocabulary {len(itos)}, {len(glove)} with GloVe vectors")


class LM(nn.Module):
    def __init__(self, init, hidden=96):
        super().__init__()
        n, d = init.shape
        self.embed = nn.Embedding(n, d, padding_idx=0)
        self.embed.weight.data.copy_(torch.from_numpy(init))
        self.drop = nn.Dropout(0.25)
        self.lstm = nn.LSTM(d, hidden, batch_first=True)
        self.proj = nn.Linear(hidden, d)
        self.decode = nn.Linear(d, n)
        self.decode.weight = self.embed.weight
        nn.init.zeros_(self.decode.bias)

    def forward(self, x):
        h, _ = self.lstm(self.drop(self.embed(x)))
        return self.decode(self.proj(self.drop(h)))


def batches(data, size, shuffle):
    data = list(data)
    if shuffle:
        random.shuffle(data)
    for i in range(0, len(data), size):
        ids = [[1] + [stoi.get(w, 3) for w in s.split()] + [2] for s in data[i:i + size]]
        n = max(map(len, ids))
        t = torch.tensor([r + [0] * (n - len(r)) for r in ids])
        yield t[:, :-1], t[:, 1:]


model = LM(init)
criterion = nn.CrossEntropyLoss(ignore_index=0, reduction="sum")
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=8)


def perplexity(data):
    model.eval()
    nll = n = 0
    with torch.no_grad():
        for x, y in batches(data, 200, False):
            nll += criterion(model(x).transpose(1, 2), y).item()
            n += (y > 0).sum().item()
    return math.exp(nll / n)


uni = collections.Counter(stoi.get(w, 3) for s in train for w in s.split() + ["</s>"])
tot = sum(uni.values())
base = [math.log((uni[stoi.get(w, 3)] + 1) / (tot + len(itos))) for s in valid for w in s.split() + ["</s>"]]
print(f"unigram valid ppl {math.exp(-sum(base) / len(base)):.1f}")

best, bad, keep = float("inf"), 0, None
for epoch in range(1, 10):
    model.train()
    for x, y in batches(train, 40, True):
        loss = criterion(model(x).transpose(1, 2), y) / (y > 0).sum()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    sched.step()
    tr, va = perplexity(train[:300]), perplexity(valid)
    print(f"epoch {epoch:2d} | train ppl {tr:6.1f} | valid ppl {va:6.1f}")
    if va < best - 0.2:
        best, bad, keep = va, 0, copy.deepcopy(model.state_dict())
    else:
        bad += 1
        if bad == 2:
            break
model.load_state_dict(keep)
print(f"done, valid ppl {perplexity(valid):.1f}")
