# 5-fold cross validation of a one-layer net on averaged GloVe vectors, full batch, L-BFGS with closure.
# Homework "optimisation methods": compare the number of function calls.  Five words name a theme, we tell the theme.
import gzip
import os
import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold

rng = np.random.default_rng(15)
torch.manual_seed(15)
THEMES = {
    "medicine": "hospital patient doctor disease drug surgery cancer treatment clinic virus therapy infection nurse symptoms",
    "politics": "election vote party minister parliament president senate campaign policy coalition candidate government",
    "music": "album song guitar band singer concert rock piano lyrics orchestra drums recording jazz bass",
    "military": "army troops soldiers weapons missile tank battalion navy war combat forces artillery infantry rebels",
}
COMMON = "the of in and with new from after more time year first people two last over other many while during".split()
lines = gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8")
need = {w for s in THEMES.values() for w in s.split()} | set(COMMON)
glove = {}
for ln in lines:
    w, rest = ln.split(" ", 1)
    if w in need:
        glove[w] = np.array(rest.split(), dtype=np.float32)
themes = [[w for w in s.split() if w in glove] for s in THEMES.values()]

X, y = [], []
for _ in range(1000):
    k = rng.integers(4)
    words = list(rng.choice(themes[k], 2)) + list(rng.choice(COMMON, 3))
    if rng.random() < 0.25:
        words.append(rng.choice(themes[rng.integers(4)]))
    X.append(np.mean([glove[w] for w in words], axis=0))
    y.append(k)
X, y = torch.tensor(np.stack(X)), torch.tensor(y)

scores, members = [], []
test = slice(800, 1000)                    # never used in the folds
Xd, yd = X[:800], y[:800]
for fold, (a, b) in enumerate(StratifiedKFold(5, shuffle=True, random_state=0).split(Xd, yd)):
    mean, std = Xd[a].mean(0), Xd[a].std(0)
    lin = torch.nn.Linear(50, 4)
    opt = torch.optim.LBFGS(lin.parameters(), lr=1.0, max_iter=10, line_search_fn="strong_wolfe")
    calls = 0

    def closure():
        global calls
        calls += 1
        opt.zero_grad()
        f = torch.nn.functional.cross_entropy(lin((Xd[a] - mean) / std), yd[a]) + 5e-3 * lin.weight.pow(2).sum()
        f.backward()
        return f

    for it in range(4):
        f = opt.step(closure)
    with torch.no_grad():
        tr = (lin((Xd[a] - mean) / std).argmax(1) == yd[a]).float().mean().item()
        va = (lin((Xd[b] - mean) / std).argmax(1) == yd[b]).float().mean().item()
    scores.append(va)
    members.append((lin, mean, std))
    print(f"fold {fold}: objective {f.item():.4f} after {calls} calls, train {tr:.3f}, validation {va:.3f}")
with torch.no_grad():
    p = sum(l((X[test] - m) / s).softmax(1) for l, m, s in members) / len(members)
print(f"mean {np.mean(scores):.3f} +- {np.std(scores):.3f}; ensemble on the 200 test lines {(p.argmax(1) == y[test]).float().mean():.3f}")
