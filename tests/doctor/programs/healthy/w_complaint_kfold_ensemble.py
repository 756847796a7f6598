# Complaint sorting with a handful of labelled rows: 4 folds, fixed GloVe, one small head per fold, the
# average of the four heads is scored on rows no fold has seen.
import gzip, os
import numpy as np
import torch
from torch import nn

torch.manual_seed(1)
r = np.random.RandomState(1)
AREAS = {
    "food": "meal restaurant food dinner kitchen lunch cook coffee soup bread chicken fish wine dish menu breakfast".split(),
    "travel": "flight airport plane train bus ticket passengers airline hotel trip delayed crew travel luggage seat pilot".split(),
    "device": "phone computer screen software laptop battery keyboard internet video camera digital memory wireless disk chip device".split(),
}
PLAIN = "the was and my i it not very with for again after at this when they".split()
need = set(PLAIN) | {w for ws in AREAS.values() for w in ws}
vec = {}
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        tok, rest = line.split(" ", 1)
        if tok in need:
            vec[tok] = np.array(rest.split(), dtype=np.float32)
names = list(AREAS)
words = sorted(vec)
table = torch.tensor(np.stack([vec[w] for w in words]))
pos = {w: i for i, w in enumerate(words)}


def complaint():
    y = r.randint(3)
    toks = list(r.choice([w for w in AREAS[names[y]] if w in pos], r.randint(1, 3)))
    if r.rand() < .15:
        toks.append(r.choice([w for w in AREAS[names[r.randint(3)]] if w in pos]))
    toks += list(r.choice([w for w in PLAIN if w in pos], 6 - len(toks)))
    return [pos[t] for t in r.permutation(toks)], y                # always six tokens


X, Y = map(torch.tensor, zip(*[complaint() for _ in range(1200)]))
Xout, Yout = X[800:], Y[800:]
X, Y = X[:800], Y[:800]
folds = np.array_split(r.permutation(800), 4)
glove = nn.Embedding.from_pretrained(table)                          # shared, stays as published


def fit(tr, va):
    head = nn.Linear(50, 3)
    opt = torch.optim.LBFGS(head.parameters(), lr=.5, max_iter=12, line_search_fn="strong_wolfe")
    feats = glove(X[tr]).mean(1)

    def closure():
        opt.zero_grad()
        loss = nn.functional.cross_entropy(head(feats), Y[tr]) + 2e-3 * head.weight.square().sum()
        loss.backward()
        return loss

    for _ in range(5):
        last = opt.step(closure)
    with torch.no_grad():
        a = (head(feats).argmax(1) == Y[tr]).float().mean()
        b = (head(glove(X[va]).mean(1)).argmax(1) == Y[va]).float().mean()
    print(f"  objective {last.item():.4f} fit {a:.3f} fold {b:.3f}")
    return head


heads = []
for k in range(4):
    print("fold", k)
    rest = np.concatenate([f for j, f in enumerate(folds) if j != k])
    heads.append(fit(torch.from_numpy(rest), torch.from_numpy(folds[k])))
with torch.no_grad():
    p = torch.stack([h(glove(Xout).mean(1)).softmax(1) for h in heads]).mean(0)
print(f"ensemble on unseen rows: {(p.argmax(1) == Yout).float().mean():.3f}")
