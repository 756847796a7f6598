"""Put the accents back on French text: dilated character CNN, one decision per letter.

Most letters carry no accent; those that cannot carry one are left out of the loss (mask), and the score is
given on ambiguous letters and on whole words, next to leaving the text as it is.
"""
import gzip
import os
import random
import unicodedata

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(0)
torch.manual_seed(0)
MARKS = ["", "\u0301", "\u0300", "\u0302", "\u0308", "\u0327"]     # none, acute, grave, circumflex, diaeresis, cedilla
CAN = set("aceiou")


def split_marks(text):
    base, mark = [], []
    for ch in unicodedata.normalize("NFC", text):
        d = unicodedata.normalize("NFD", ch)
        if len(d) == 2 and d[1] in MARKS and d[0] in CAN:
            base.append(d[0]); mark.append(MARKS.index(d[1]))
        else:
            base.append(ch); mark.append(0)
    return "".join(base), mark


by_english = {}
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz"), "rt", encoding="utf-8") as f:
    for k, line in enumerate(f):
        if k > 80000:
            break
        if k >= 30000 and k % 6 == 0:
            en, fr = line.rstrip("\n").split("\t")
            by_english.setdefault(en, fr.replace("\u202f", " ").replace("\xa0", " ").lower())
sents = sorted(set(by_english.values()))
random.shuffle(sents)
sents = sents[:4000]
pairs = [split_marks(s) for s in sents]
n_dev = 500
dev = pairs[:n_dev]
dev_text = {b for b, _ in dev}
train = [p for p in pairs[n_dev:] if p[0] not in dev_text]
chars = {c: i + 1 for i, c in enumerate(sorted({c for b, _ in train for c in b}))}


def tensorise(rows):
    L = max(len(b) for b, _ in rows)
    x, y = torch.zeros(len(rows), L, dtype=torch.long), torch.zeros(len(rows), L, dtype=torch.long)
    m = torch.zeros(len(rows), L, dtype=torch.bool)
    for i, (b, t) in enumerate(rows):
        x[i, :len(b)] = torch.tensor([chars.get(c, 0) for c in b])
        y[i, :len(b)] = torch.tensor(t)
        m[i, :len(b)] = torch.tensor([c in CAN for c in b])
    return x, y, m


class Accents(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.emb = nn.Embedding(len(chars) + 1, 16, padding_idx=0)
        self.c1 = nn.Conv1d(16, d, 5, padding=2)
        self.c2 = nn.Conv1d(d, d, 3, padding=2, dilation=2)
        self.c3 = nn.Conv1d(d, d, 3, padding=4, dilation=4)
        self.out = nn.Conv1d(d, len(MARKS), 1)

    def forward(self, x):
        real = (x != 0).unsqueeze(1)
        h = F.relu(self.c1(self.emb(x).transpose(1, 2))) * real
        h = (h + F.relu(self.c2(h))) * real
        h = (h + F.relu(self.c3(h))) * real
        return self.out(h)


train.sort(key=lambda p: len(p[0]))
buckets = [tensorise(train[i:i + 64]) for i in range(0, len(train), 64)]    # equal lengths together, order of batches is shuffled
dx, dy, dm = tensorise(dev)
spaces = [[i for i, c in enumerate(b + " ") if c == " "] for b, _ in dev]


def words_right(pred):
    ok = n = 0
    for i, cuts in enumerate(spaces):
        s = 0
        for e in cuts:
            if e > s:
                ok += bool((pred[i, s:e] == dy[i, s:e]).all()); n += 1
            s = e + 1
    return ok / n


print("as it is: letters %.4f words %.4f" % ((dy == 0)[dm].float().mean(), words_right(torch.zeros_like(dy))))
net = Accents()
EPOCHS = 5
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
sch = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, total_steps=EPOCHS * len(buckets), pct_start=0.15)
for ep in range(EPOCHS):
    random.shuffle(buckets)
    net.train()
    s = 0.0
    for x, y, m in buckets:
        logits = net(x).transpose(1, 2)
        loss = F.cross_entropy(logits[m], y[m])
        opt.zero_grad(); loss.backward(); opt.step(); sch.step()
        s += loss.item()
    net.eval()
    with torch.no_grad():
        p = net(dx).argmax(1) * dm
        rec = (p == dy)[(dy > 0)].float().mean()
    print("epoch %d loss %.4f | held out: letters %.4f accents found %.3f words %.4f" % (ep + 1, s / len(buckets), (p == dy)[dm].float().mean(), rec, words_right(p)))
