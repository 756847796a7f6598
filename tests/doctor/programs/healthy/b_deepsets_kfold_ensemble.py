# 4-fold ensemble on bags of tags (Deep Sets): does the recipe contain more sweet than salty things?
import numpy as np
import torch, torch.nn as nn
from sklearn.model_selection import StratifiedKFold

np.random.seed(7); torch.manual_seed(7)
taste = np.random.randn(150); taste[0] = 0
X = np.zeros((4000, 12), dtype=np.int64)
for row in X:
    k = np.random.randint(3, 13)
    row[:k] = np.random.choice(np.arange(1, 150), k, replace=False)
y = (taste[X].sum(1) + 0.3 * np.random.randn(len(X)) > 0).astype(np.int64)
X_test, y_test, X, y = X[3200:], y[3200:], X[:3200], y[:3200]

def new_model():
    return nn.ModuleDict({"phi": nn.Embedding(150, 6, padding_idx=0), "rho": nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 2))})

def forward(m, x):
    return m["rho"](m["phi"](x).sum(dim=-2))        # row 0 is zero and stays zero

final = 0
for fold, (a, b) in enumerate(StratifiedKFold(4, shuffle=True, random_state=0).split(X, y)):
    xa, ya, xb, yb = map(torch.as_tensor, (X[a], y[a], X[b], y[b]))
    m = new_model()
    with torch.no_grad():
        m["phi"].weight *= 0.1
    opt = torch.optim.RAdam(m.parameters(), lr=0.02)
    best, keep = -1.0, None
    for ep in range(4):
        m.train()
        for i in torch.randperm(len(xa)).split(64):
            loss = nn.functional.cross_entropy(forward(m, xa[i]), ya[i], label_smoothing=0.05)
            opt.zero_grad(); loss.backward(); opt.step()
        m.eval()
        with torch.no_grad():
            acc = (forward(m, xb).argmax(1) == yb).float().mean().item()
            acc_a = (forward(m, xa).argmax(1) == ya).float().mean().item()
        if acc > best:
            best, keep = acc, {k: v.clone() for k, v in m.state_dict().items()}
    m.load_state_dict(keep)
    with torch.no_grad():
        final = final + forward(m, torch.as_tensor(X_test)).softmax(1)
    print(f"fold {fold} last loss {loss.item():.3f} train {acc_a:.3f} best valid {best:.3f}")
print("ensemble on the test set:", (final.argmax(1).numpy() == y_test).mean())
