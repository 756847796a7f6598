# Kaggle-style entity embeddings: units sold per (store, weekday, product), Gaussian NLL with learned noise.
import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split
from sklearn.metrics import r2_score

np.random.seed(40); torch.manual_seed(40)
N, CARD = 6000, {"store": 12, "weekday": 7, "product": 30}
cat = np.stack([np.random.randint(0, c, N) for c in CARD.values()], 1)
temp = np.random.uniform(-5, 30, N)
eff = [np.random.randn(c) for c in CARD.values()]
slope = np.random.choice([-0.6, 0.7], 30)
y = 0.30 * sum(e[cat[:, k]] for k, e in enumerate(eff)) + 0.25 * slope[cat[:, 2]] * (temp - 12) / 10 + np.random.randn(N) * 0.06
df = np.column_stack([(temp - 12.5) / 10.1])

c_tr, c_va, n_tr, n_va, y_tr, y_va = [torch.as_tensor(a) for a in train_test_split(cat, df.astype("f4"), y.astype("f4"), test_size=.2, random_state=0)]


class TabNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.embs = nn.ModuleDict({k: nn.Embedding(c, min(6, (c + 1) // 2)) for k, c in CARD.items()})
        width = sum(e.embedding_dim for e in self.embs.values()) + 1
        self.body = nn.Sequential(nn.Linear(width, 64), nn.SiLU(), nn.Linear(64, 2))

    def forward(self, c, x):
        z = [e(c[:, i]) for i, e in enumerate(self.embs.values())]
        mean, raw = self.body(torch.cat(z + [x], 1)).unbind(1)
        return mean, nn.functional.softplus(raw) + 1e-4


model = TabNet()
crit = nn.GaussianNLLLoss()
opt = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=1e-3)
EPOCHS, BS = 8, 100
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, total_steps=EPOCHS * (len(y_tr) // BS))
for ep in range(EPOCHS):
    model.train(); tot = []
    perm = torch.randperm(len(y_tr))
    for k in range(len(y_tr) // BS):
        b = perm[k * BS:(k + 1) * BS]
        mu, var = model(c_tr[b], n_tr[b])
        loss = crit(mu, y_tr[b], var)
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        tot.append(loss.item())
    model.eval()
    with torch.no_grad():
        mu_t, v_t = model(c_tr, n_tr); mu_v, v_v = model(c_va, n_va)
        print(f"{ep}: nll {np.mean(tot):.3f} val nll {crit(mu_v, y_va, v_v):.3f} R2 train {r2_score(y_tr, mu_t):.3f} val {r2_score(y_va, mu_v):.3f}")
