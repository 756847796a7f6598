# pool-based active learning: least-confident sampling, model re-initialised every round
import numpy as np, torch
import torch.nn as nn

rng = np.random.RandomState(77)
WORDS = {0: "court judge trial lawyer verdict appeal jury".split(), 1: "enzyme cell protein gene virus tissue dose".split(),
         2: "striker penalty keeper fixture derby transfer squad".split()}
STOP = "the of a in to was for with on said new after first this has".split()
vocab = sorted(set(STOP + sum(WORDS.values(), [])))
pos = {w: i for i, w in enumerate(vocab)}


def doc():
    y = rng.randint(3)
    v = np.zeros(len(vocab), dtype=np.float32)
    for w in rng.choice(STOP, 12): v[pos[w]] += 1
    for w in rng.choice(WORDS[y], 3): v[pos[w]] += 1
    if rng.rand() < .4: v[pos[rng.choice(WORDS[rng.randint(3)])]] += 1
    return np.log1p(v), y


docs = [doc() for _ in range(2600)]
X = torch.tensor(np.stack([d[0] for d in docs])); Y = torch.tensor([d[1] for d in docs])
pool_x, pool_y, test_x, test_y = X[:2000], Y[:2000], X[2000:], Y[2000:]
labelled = list(rng.choice(2000, 150, replace=False))

for rnd in range(5):
    torch.manual_seed(100 + rnd)
    clf = nn.Linear(len(vocab), 3)                       # fresh model on purpose
    opt = torch.optim.AdamW(clf.parameters(), lr=0.03, weight_decay=0.05)
    idx = torch.tensor(labelled)
    for ep in range(25):
        tot = 0.
        for b in idx[torch.randperm(len(idx))].split(32):
            loss = nn.functional.cross_entropy(clf(pool_x[b]), pool_y[b])
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item() * len(b)
    with torch.no_grad():
        fit = (clf(pool_x[idx]).argmax(1) == pool_y[idx]).float().mean().item()
        acc = (clf(test_x).argmax(1) == test_y).float().mean().item()
        conf = clf(pool_x).softmax(1).amax(1)
    print(f"round {rnd}: {len(labelled)} labels, last loss {tot / len(idx):.3f}, on labelled {fit:.3f}, test {acc:.3f}")
    conf[idx] = 2.0
    labelled += conf.argsort()[:150].tolist()
