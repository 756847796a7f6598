"""
Semantic relatedness on SICK, with the target of Tai et al. (2015): the score 1..5 is spread over the two
neighbouring integers and the model is fitted with KL divergence; prediction = expected value.
Sentence = mean and max of (fixed) GloVe vectors.
"""
import csv, gzip, os
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(2015)


def glove():
    table = {}
    with gzip.open(DATA + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            word, *numbers = line.rstrip().split(" ")
            table[word] = np.array(numbers, dtype=np.float32)
    return table


def rows(name):
    with open(f"{DATA}/glue/SICK/{name}", encoding="utf-8") as f:
        for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield r["sentence_A"].lower(), r["sentence_B"].lower(), float(r["relatedness_score"])


G = glove()


def features(a, b):
    wa, wb = [w for w in a.split() if w in G], [w for w in b.split() if w in G]
    va, vb = np.array([G[w] for w in wa]), np.array([G[w] for w in wb])
    sa, sb = np.concatenate([va.mean(0), va.max(0)]), np.concatenate([vb.mean(0), vb.max(0)])
    A, B = set(a.split()), set(b.split())
    extra = [len(A & B) / len(A | B), len(A & B) / min(len(A), len(B)), float("no" in A ^ B or "not" in A ^ B),
             float(sa[:50] @ sb[:50] / np.linalg.norm(sa[:50]) / np.linalg.norm(sb[:50]))]
    return np.concatenate([np.abs(sa - sb), sa * sb, extra]).astype(np.float32)


def spread(scores):
    floor = scores.floor().clamp(max=4)
    target = torch.zeros(len(scores), 5)
    i = floor.long() - 1
    target.scatter_(1, i[:, None], (floor + 1 - scores)[:, None])
    target.scatter_(1, i[:, None] + 1, (scores - floor)[:, None])
    return target


te = list(rows("SICK_test_annotated.txt"))[::9]          # every ninth test pair
taken = {s for a, b, _ in te for s in (a, b)}             # SICK reuses sentences: keep the two sides apart
tr = [r for r in rows("SICK_train.txt") if r[0] not in taken and r[1] not in taken]
X, y = torch.tensor(np.stack([features(a, b) for a, b, _ in tr])), torch.tensor([s for *_, s in tr])
Xt, yt = torch.tensor(np.stack([features(a, b) for a, b, _ in te])), torch.tensor([s for *_, s in te])
mu, sd = X.mean(0), X.std(0)
X, Xt = (X - mu) / sd, (Xt - mu) / sd

model = nn.Sequential(nn.Linear(X.shape[1], 50), nn.Sigmoid(), nn.Dropout(0.2), nn.Linear(50, 5), nn.LogSoftmax(dim=-1))
optim = torch.optim.Adagrad(model.parameters(), lr=0.03, weight_decay=2e-3)
levels = torch.arange(1., 6.)
T = spread(y)


def report(name, X, y):
    model.eval()
    with torch.no_grad():
        p = model(X).exp() @ levels
    r = np.corrcoef(p.numpy(), y.numpy())[0, 1]
    print(f"   {name:5s} n={len(y)} pearson {r:.3f}  mse {F.mse_loss(p, y):.3f}  (variance {y.var():.3f})")


for epoch in range(6):
    model.train()
    total = 0
    for idx in torch.randperm(len(y)).split(32):
        optim.zero_grad()
        loss = F.kl_div(model(X[idx]), T[idx], reduction="batchmean")
        loss.backward()
        optim.step()
        total += loss.item() * len(idx)
    print(f"epoch {epoch + 1}: KL {total / len(y):.4f}")
    report("train", X, y)
    report("test", Xt, yt)
