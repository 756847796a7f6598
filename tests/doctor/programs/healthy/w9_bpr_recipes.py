import numpy as np
import torch

# Implicit feedback: which recipe will a cook click next? BPR on pairs (clicked, not clicked).
rng = np.random.RandomState(14)
COOKS, RECIPES, CUISINES = 300, 120, 6
cuisine = rng.randint(CUISINES, size=RECIPES)
likes = [rng.choice(CUISINES, 2, replace=False) for _ in range(COOKS)]
clicks = np.zeros((COOKS, RECIPES), dtype=bool)
for u in range(COOKS):
    p = np.where(np.isin(cuisine, likes[u]), 1.0, 0.03)
    clicks[u, rng.choice(RECIPES, 22, replace=False, p=p / p.sum())] = True
held = np.zeros_like(clicks)
for u in range(COOKS):
    held[u, rng.choice(np.flatnonzero(clicks[u]), 4, replace=False)] = True
train = clicks & ~held
pairs = np.argwhere(train)
print(len(pairs), "clicks to train on,", held.sum(), "held out")

torch.manual_seed(14)
P = torch.nn.Embedding(COOKS, 8, sparse=True)
Q = torch.nn.Embedding(RECIPES, 8, sparse=True)
torch.nn.init.normal_(P.weight, std=0.1)
torch.nn.init.normal_(Q.weight, std=0.1)
opt = torch.optim.SparseAdam(list(P.parameters()) + list(Q.parameters()), lr=0.01)
unclicked = [np.flatnonzero(~train[u]) for u in range(COOKS)]


def auc(mask):
    with torch.no_grad():
        s = (P.weight @ Q.weight.T).numpy()
    a = [(s[u, mask[u]][:, None] > s[u, ~clicks[u]][None]).mean() for u in range(COOKS)]
    return float(np.mean(a))


for epoch in range(10):
    rng.shuffle(pairs)
    losses = []
    for chunk in np.array_split(pairs, len(pairs) // 128):
        neg = np.array([unclicked[u][rng.randint(len(unclicked[u]))] for u in chunk[:, 0]])
        u, i, j = (torch.from_numpy(z) for z in (chunk[:, 0].copy(), chunk[:, 1].copy(), neg))
        pu, qi, qj = P(u), Q(i), Q(j)
        reg = (pu.pow(2).sum(1) + qi.pow(2).sum(1) + qj.pow(2).sum(1)).mean()
        loss = -torch.nn.functional.logsigmoid((pu * (qi - qj)).sum(1)).mean() + 0.02 * reg
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"epoch {epoch} loss {np.mean(losses):.4f} auc train {auc(train):.4f} held-out {auc(held):.4f}")
