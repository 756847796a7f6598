"""True-casing for German: which words of a lower-cased caption get a capital letter?  (all nouns do)

Suffix, prefix and word embeddings, summed, into a BiLSTM, one logit per word.
"""
import gzip, os, random, re
from collections import Counter
import torch, torch.nn as nn

random.seed(0); torch.manual_seed(0)
FILE = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/%s.de.gz"

def read(part, n):
    with gzip.open(FILE % part, "rt", encoding="utf-8") as f:
        sents = [re.findall(r"\w+", next(f)) for _ in range(n)]
    return [s for s in sents if len(s) > 2]

train, test = read("train", 2000), read("val", 500)

class Index:
    def __init__(self, things, least=2):
        c = Counter(things)
        self.d = {t: i + 2 for i, t in enumerate(t for t, n in c.items() if n >= least)}   # 0 pad, 1 unseen
    def __call__(self, t): return self.d.get(t, 1)
    def __len__(self): return len(self.d) + 2

low = [w.lower() for s in train for w in s]
FEATS = [(Index(low, 3), lambda w: w), (Index([w[-3:] for w in low]), lambda w: w[-3:]), (Index([w[:2] for w in low]), lambda w: w[:2])]

def tensors(sents):
    T = max(map(len, sents))
    x = torch.zeros(len(sents), T, len(FEATS), dtype=torch.long)
    y = torch.full((len(sents), T), -1.)
    for i, s in enumerate(sents):
        for j, w in enumerate(s):
            for k, (index, f) in enumerate(FEATS):
                x[i, j, k] = index(f(w.lower()))
            y[i, j] = float(w[0].isupper())
    return x, y

class Caser(nn.Module):
    def __init__(self, d=32, h=32):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(len(i), d, padding_idx=0) for i, _ in FEATS)
        self.lstm = nn.LSTM(d, h, bidirectional=True, batch_first=True)
        self.drop, self.out = nn.Dropout(0.3), nn.Linear(2 * h, 1)

    def forward(self, x):
        e = sum(t(x[..., k]) for k, t in enumerate(self.tables))
        n = (x[..., 0] != 0).sum(1)
        p = nn.utils.rnn.pack_padded_sequence(self.drop(e), n, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(p)[0], batch_first=True, total_length=x.size(1))
        return self.out(self.drop(h)).squeeze(2)

def score(batches):
    net.eval(); tp = fp = fn = ok = n = 0
    with torch.no_grad():
        for x, y in batches:
            p, real = net(x) > 0, y >= 0
            t = y == 1
            tp += (p & t & real).sum().item(); fp += (p & ~t & real).sum().item(); fn += (~p & t & real).sum().item()
            ok += ((p == t) & real).sum().item(); n += real.sum().item()
    return ok / n, 2 * tp / (2 * tp + fp + fn)

def batches(sents, size=32):
    sents = sorted(sents, key=len)
    return [tensors(sents[i:i + size]) for i in range(0, len(sents), size)]

tr, te = batches(train), batches(test)
share = sum(w[0].isupper() for s in test for w in s) / sum(map(len, test))
print(f"{len(train)} sentences; {share:.3f} of the test words have a capital")
net = Caser()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(4):
    net.train(); random.shuffle(tr); losses = []
    for x, y in tr:
        real = y >= 0
        loss = nn.functional.binary_cross_entropy_with_logits(net(x)[real], y[real])
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    print("epoch %d: loss %.4f, test accuracy %.4f, F1 %.4f" % (epoch, sum(losses) / len(losses), *score(te)))
print("train accuracy %.4f, F1 %.4f" % score(tr))
