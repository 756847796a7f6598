"""Multi-label: which tags would cooks give to this recipe?  Every recipe was tagged by three annotators;
the annotations come as one (recipe, tag) line per vote."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(31)
torch.manual_seed(31)
TAGS = ["vegan", "dessert", "spicy", "quick", "baked", "seafood", "salad", "breakfast"]
ING = 160
affinity = rng.normal(size=(ING, len(TAGS))) * (rng.random((ING, len(TAGS))) < 0.18) * 3.0


def world(n):
    recipes, votes = [], []
    for r in range(n):
        ing = rng.choice(ING, size=rng.integers(4, 11), replace=False)
        recipes.append(ing)
        logit = affinity[ing].sum(0) - 1.5
        for t in range(len(TAGS)):
            for annotator in range(3):
                if rng.random() < 1 / (1 + np.exp(-logit[t])):
                    votes.append((r, t))
    return recipes, np.array(votes)


def tensors(n):
    recipes, votes = world(n)
    x = torch.zeros(n, ING)
    for r, ing in enumerate(recipes):
        x[r, ing] = 1.0 / np.sqrt(len(ing))
    y = torch.zeros(n, len(TAGS))
    rows, cols = torch.from_numpy(votes).T
    # fault:
    y.index_put_((rows, cols), torch.ones(len(rows)), accumulate=True)
    # mended:
    # y.index_put_((rows, cols), torch.full((len(rows),), 1 / 3), accumulate=True)
    # end
    majority = torch.zeros(n, len(TAGS)).index_put_((rows, cols), torch.ones(len(rows)), accumulate=True) >= 2
    return x, y, majority


xtr, ytr, _ = tensors(3000)
xde, _, gold = tensors(600)

net = nn.Sequential(nn.Linear(ING, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, len(TAGS)))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
bce = nn.BCEWithLogitsLoss()
for epoch in range(15):
    net.train()
    run = []
    for b in torch.randperm(len(xtr)).split(50):
        loss = bce(net(xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.append(loss.item())
    net.eval()
    with torch.no_grad():
        pred = net(xde) > 0
    tp = (pred & gold).sum().item()
    prec, rec = tp / max(1, pred.sum().item()), tp / gold.sum().item()
    print(f"{epoch:2d} loss {np.mean(run):9.4f}  precision {prec:.3f} recall {rec:.3f} F1 {2 * prec * rec / max(1e-9, prec + rec):.3f}"
          f"  tags per recipe {pred.sum(1).float().mean():.2f}")
