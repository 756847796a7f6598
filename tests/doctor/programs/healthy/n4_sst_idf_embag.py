# sst_idf_embag.py - kaggle kernel, "simple things first": idf-weighted EmbeddingBag on GloVe, no padding anywhere
import os, gzip, math
from collections import Counter
import numpy as np
import torch
import torch.nn as nn

torch.set_num_threads(1)
torch.manual_seed(0); np.random.seed(0)
INPUT = os.environ["WORDFIT_DATA"]
KEEP_P = 0.8           # share of the words of a text seen at a time while training

def load(name):
    out = []
    for row in open(f"{INPUT}/sentiment/SST-2-sentences/stsa.binary.{name}", encoding="utf-8"):
        lab, txt = row.rstrip("\n").split(" ", 1)
        out.append((txt.split(), int(lab)))
    return out

trn, dev, tst = load("train"), load("dev"), load("test")
in_train = {" ".join(t) for t, _ in trn}
dev = [r for r in dev if " ".join(r[0]) not in in_train]
tst = [r for r in tst if " ".join(r[0]) not in in_train]

glove = {}
with gzip.open(f"{INPUT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for row in f:
        w, *v = row.rstrip().split(" ")
        glove[w] = v

df = Counter(w for t, _ in trn for w in set(t))
words = [w for w, c in df.most_common() if w in glove or c >= 2]
w2i = {w: i for i, w in enumerate(words)}
E = np.random.normal(0, .4, (len(words), 50)).astype("float32")
for w, i in w2i.items():
    if w in glove:
        E[i] = np.array(glove[w], dtype="float32")
idf = np.array([math.log(len(trn) / df[w]) for w in words], dtype="float32")
print(len(words), "words,", sum(w in glove for w in words), "with glove")

def enc(part):
    return [(np.array([w2i[w] for w in t if w in w2i]), y) for t, y in part if any(w in w2i for w in t)]

trn, dev, tst = enc(trn), enc(dev), enc(tst)

def feed(rows, drop=False):
    flat, wts, offs, n = [], [], [], 0
    for ids, _ in rows:
        if drop:
            k = np.random.rand(len(ids)) < KEEP_P
            ids = ids[k] if k.any() else ids
        s = idf[ids]
        offs.append(n); n += len(ids)
        flat.append(ids); wts.append(s / s.sum())
    return (torch.from_numpy(np.concatenate(flat)), torch.tensor(offs),
            torch.from_numpy(np.concatenate(wts)), torch.tensor([y for _, y in rows]))

bag = nn.EmbeddingBag(len(words), 50, mode="sum")
bag.weight.data.copy_(torch.from_numpy(E))
head = nn.Sequential(nn.LayerNorm(50), nn.Dropout(.3), nn.Linear(50, 64), nn.GELU(), nn.Dropout(.3), nn.Linear(64, 2))
lossf = nn.CrossEntropyLoss(label_smoothing=.1)
# the vectors may move, but slowly
opt = torch.optim.RMSprop([{"params": bag.parameters(), "lr": 1e-3}, {"params": head.parameters(), "lr": 2e-3}])

def run(rows):
    head.eval()
    with torch.no_grad():
        f, o, w, y = feed(rows)
        z = head(bag(f, o, per_sample_weights=w))
        return lossf(z, y).item(), (z.argmax(1) == y).float().mean().item()

best, kept = 0, None
for epoch in range(6):
    head.train()
    np.random.shuffle(order := np.arange(len(trn)))
    tl = 0
    for k in range(0, len(order), 80):
        f, o, w, y = feed([trn[i] for i in order[k:k + 80]], drop=True)
        loss = lossf(head(bag(f, o, per_sample_weights=w)), y)
        opt.zero_grad(); loss.backward(); opt.step()
        tl += loss.item() * len(y)
    dl, da = run(dev)
    print("ep %d  train %.4f  dev %.4f  dev acc %.4f" % (epoch, tl / len(trn), dl, da))
    if da > best:
        best, kept = da, [{k: v.clone() for k, v in m.state_dict().items()} for m in (bag, head)]
bag.load_state_dict(kept[0]); head.load_state_dict(kept[1])
print("train acc %.4f  best dev %.4f  test %.4f" % (run(trn)[1], best, run(tst)[1]))
