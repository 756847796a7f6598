"""Who is in the picture?  Several tags per French caption (taken from the English twin of the caption).

TextCNN, BCE with weights for the rare tags, micro and macro F1.
"""
import collections
import gzip
import os
import re

import numpy as np
import torch
from torch import nn
from sklearn.metrics import f1_score

TAGS = {
    "man": r"\b(man|men|guy|guys|gentleman)\b", "woman": r"\b(woman|women|lady|ladies)\b",
    "child": r"\b(child|children|kid|kids|boy|boys|girl|girls|baby|toddler)\b", "dog": r"\b(dog|dogs|puppy)\b",
    "water": r"\b(water|ocean|lake|river|pool|beach)\b", "street": r"\b(street|sidewalk|road)\b",
}
folder = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
np.random.seed(5)
torch.manual_seed(5)


def lines(split, lang, n):
    with gzip.open(os.path.join(folder, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
        return [l.strip().lower() for l in f][:n]


def make(split, n):
    fr = [re.findall(r"\w+", l) for l in lines(split, "fr", n)]
    y = [[1.0 if re.search(p, l) else 0.0 for p in TAGS.values()] for l in lines(split, "en", n)]
    return fr, torch.tensor(y)


tr_x, tr_y = make("train", 5000)
va_x, va_y = make("val", 1014)
count = collections.Counter(w for s in tr_x for w in s)
vocab = {"<pad>": 0, "<unk>": 1}
for w, c in count.most_common():
    if c >= 5:
        vocab[w] = len(vocab)
MAXLEN = 20


def tensor(sents):
    x = torch.zeros(len(sents), MAXLEN, dtype=torch.long)
    for r, s in enumerate(sents):
        ids = [vocab.get(w, 1) for w in s[:MAXLEN]]
        x[r, :len(ids)] = torch.tensor(ids)
    return x


tr_x, va_x = tensor(tr_x), tensor(va_x)


class TextCNN(nn.Module):
    def __init__(self, v, d=24, ch=24, n_out=6):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(d, ch, 1), nn.Conv1d(d, ch, 3, padding=1)])
        self.drop = nn.Dropout(0.25)
        self.fc = nn.Linear(2 * ch, n_out)

    def forward(self, x):
        pad = (x == 0).unsqueeze(1)
        e = self.drop(self.emb(x)).transpose(1, 2)
        pools = [torch.relu(c(e).masked_fill(pad, -1e9).amax(2)) for c in self.convs]
        return self.fc(self.drop(torch.cat(pools, 1)))


model = TextCNN(len(vocab), n_out=len(TAGS))
pos = tr_y.mean(0)
criterion = nn.BCEWithLogitsLoss(pos_weight=((1 - pos) / pos).sqrt())
optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 3], gamma=0.3)


def report(x, y):
    model.eval()
    with torch.no_grad():
        p = (model(x) > 0).int().numpy()
    model.train()
    return f1_score(y.int().numpy(), p, average="micro"), f1_score(y.int().numpy(), p, average="macro")


for epoch in range(4):
    total = 0
    for ix in np.array_split(np.random.permutation(len(tr_x)), 80):
        optimizer.zero_grad()
        loss = criterion(model(tr_x[ix]), tr_y[ix])
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step()
    print("epoch", epoch + 1, "loss %.4f" % (total / 80), "train f1 %.3f %.3f" % report(tr_x, tr_y), "val f1 %.3f %.3f" % report(va_x, va_y))
