"""CS224-style homework 3: averaged word2vec + MLP on the Stanford Sentiment Treebank.

The vectors stay fixed (question 3b asks for this), only the MLP is trained.
"""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(224)
np.random.seed(224)
torch.manual_seed(224)

DATA = os.environ["WORDFIT_DATA"]


def load_vectors(path, wanted):
    words, vecs = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        next(fh)                                   # "13598 300"
        for line in fh:
            w, rest = line.rstrip().split(" ", 1)
            if w in wanted:
                words.append(w)
                vecs.append(np.fromstring(rest, sep=" ", dtype=np.float32))
    return words, np.stack(vecs)


def read(split):
    rows = []
    with open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8") as fh:
        for line in fh:
            y, text = line.rstrip("\n").split(" ", 1)
            rows.append((text.split(), int(y)))
    return rows


train = read("train")
seen_texts = {" ".join(t) for t, _ in train}
dev = [r for r in read("dev") if " ".join(r[0]) not in seen_texts]
test = [r for r in read("test") if " ".join(r[0]) not in seen_texts]

wanted = {w for t, _ in train + dev + test for w in t}
words, vecs = load_vectors(f"{DATA}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", wanted)
stoi = {w: i + 1 for i, w in enumerate(words)}           # 0 is <pad>
# standardise the columns once
vecs = (vecs - vecs.mean(0)) / vecs.std(0)
table = np.vstack([np.zeros((1, vecs.shape[1]), np.float32), vecs])
print("vocabulary", len(stoi), "coverage %.3f" % np.mean([w in stoi for t, _ in train for w in t]))


def encode(rows):
    out = []
    for toks, y in rows:
        ids = [stoi[w] for w in toks if w in stoi]       # unknown words are dropped
        if ids:
            out.append((torch.tensor(ids), y))
    return out


def collate(batch):
    xs, ys = zip(*batch)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


class DAN(nn.Module):
    """Deep averaging network (Iyyer et al. 2015) with word dropout."""

    def __init__(self, weights, hidden=32, word_drop=0.1):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        self.fc1 = nn.Linear(weights.shape[1], hidden)
        self.fc2 = nn.Linear(hidden, 2)
        self.word_drop = word_drop
        self.drop = nn.Dropout(0.4)

    def forward(self, x):
        keep = (x != 0)
        if self.training:
            dropped = keep & (torch.rand(x.shape) > self.word_drop)
            # never throw away the whole sentence
            keep = torch.where(dropped.any(1, keepdim=True), dropped, keep)
        m = keep.float()
        avg = torch.einsum("bte,bt->be", self.emb(x), m) / m.sum(1, keepdim=True)
        return self.fc2(self.drop(F.relu(self.fc1(avg))))


@torch.no_grad()
def accuracy(model, data):
    model.eval()
    hit = n = 0
    for i in range(0, len(data), 256):
        x, y = collate(data[i:i + 256])
        hit += (model(x).argmax(-1) == y).sum().item()
        n += len(y)
    return hit / n


tr, dv, te = encode(train), encode(dev), encode(test)
model = DAN(table)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
EPOCHS = 5
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS)
for epoch in range(EPOCHS):
    model.train()
    random.shuffle(tr)
    total = 0.0
    for i in range(0, len(tr), 50):
        x, y = collate(tr[i:i + 50])
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    sched.step()
    print(f"epoch {epoch + 1}: loss {total / len(tr):.4f}  dev acc {accuracy(model, dv):.4f}")
print(f"train acc {accuracy(model, tr):.4f}   test acc {accuracy(model, te):.4f}")
