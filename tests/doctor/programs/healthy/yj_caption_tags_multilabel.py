# Tag German image captions with English object tags (multi-label). Tags come from the parallel English caption.
import gzip, os, re
from collections import Counter
import numpy as np
import torch
from torch import nn
from sklearn.metrics import f1_score

torch.manual_seed(31); gen = torch.Generator().manual_seed(31)
M30K = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
TAGS = "man woman boy girl dog people street water ball child beach shirt".split()
tok = lambda s: re.findall(r"\w+", s.lower())


def load(split, limit):
    with gzip.open(f"{M30K}/{split}.de.gz", "rt", encoding="utf-8") as d, gzip.open(f"{M30K}/{split}.en.gz", "rt", encoding="utf-8") as e:
        for k, (de, en) in enumerate(zip(d, e)):
            if k == limit: return
            words = set(tok(en))
            yield tok(de), [float(t in words) for t in TAGS]


train = list(load("train", 6000)); done = {" ".join(w) for w, _ in train}
test = [r for r in load("val", 1014) if " ".join(r[0]) not in done]
common = [w for w, c in Counter(w for ws, _ in train for w in ws).most_common() if c >= 4]
index = {w: i for i, w in enumerate(common)}        # rare words are skipped
print(len(train), len(test), "vocabulary", len(index))


def bags(rows):
    X = torch.zeros(len(rows), len(index))
    for r, (ws, _) in enumerate(rows):
        for w in ws:
            if w in index: X[r, index[w]] = 1.0
    return X, torch.tensor([y for _, y in rows])


Xtr, Ytr = bags(train); Xte, Yte = bags(test)
pos = Ytr.mean(0)
print("positive rates", [round(p, 3) for p in pos.tolist()])

low_rank = nn.Linear(len(index), 16, bias=False)    # a word embedding, written as a matrix product
nn.init.normal_(low_rank.weight, std=0.05)
net = nn.Sequential(nn.Dropout(0.15), low_rank, nn.Linear(16, len(TAGS)))
with torch.no_grad():
    net[2].bias.copy_(torch.logit(pos))             # start at the base rates
criterion = nn.BCEWithLogitsLoss(pos_weight=((1 - pos) / pos).sqrt().clamp(max=4))
optimizer = torch.optim.NAdam(net.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5, eta_min=1e-4)


def f1(X, Y):
    net.eval()
    with torch.no_grad():
        p = (net(X) > 0).int().numpy()
    return f1_score(Y, p, average="micro"), f1_score(Y, p, average="macro")


for epoch in range(5):
    net.train(); tot = 0.0
    for idx in torch.randperm(len(Xtr), generator=gen).split(100):
        loss = criterion(net(Xtr[idx]), Ytr[idx])
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        tot += loss.item() * len(idx)
    scheduler.step()
    print("epoch %d bce %.4f  micro/macro F1 train %.3f/%.3f  val %.3f/%.3f" % ((epoch + 1, tot / len(Xtr)) + f1(Xtr, Ytr) + f1(Xte, Yte)))
for t, a in zip(TAGS, f1_score(Yte, (net(Xte) > 0).int(), average=None)):
    print(f"   {t:8s} {a:.3f}")
