# Implicit feedback recommender, BPR (Rendle 2009) with sparse embeddings.  Homework 4, question 2.
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(11)
torch.manual_seed(11)

N_USERS, N_ITEMS, GENRES = 500, 160, 6
taste = rng.dirichlet(np.full(GENRES, 0.25), size=N_USERS)
genre = rng.integers(0, GENRES, size=N_ITEMS)
popularity = rng.gamma(3.0, 1.0, size=N_ITEMS)

watched, held = [], []
for u in range(N_USERS):
    p = taste[u][genre] * popularity + 1e-4
    seen = rng.choice(N_ITEMS, size=22, replace=False, p=p / p.sum())
    watched.append(seen[:18])
    held.append(seen[18:])
seen_mask = np.zeros((N_USERS, N_ITEMS), dtype=bool)
for u, w in enumerate(watched):
    seen_mask[u, w] = True
pairs = np.array([(u, i) for u, w in enumerate(watched) for i in w])
print(len(pairs), "training interactions")


class MF(torch.nn.Module):
    def __init__(self, k=8):
        super().__init__()
        self.U = torch.nn.Embedding(N_USERS, k, sparse=True)
        self.I = torch.nn.Embedding(N_ITEMS, k, sparse=True)
        self.bias = torch.nn.Embedding(N_ITEMS, 1, sparse=True)
        for e in (self.U, self.I):
            torch.nn.init.normal_(e.weight, std=0.1)
        torch.nn.init.zeros_(self.bias.weight)

    def forward(self, u, i):
        return (self.U(u) * self.I(i)).sum(-1) + self.bias(i).squeeze(-1)


def sample_negatives(users):
    neg = rng.integers(0, N_ITEMS, size=len(users))
    bad = seen_mask[users, neg]
    while bad.any():
        neg[bad] = rng.integers(0, N_ITEMS, size=bad.sum())
        bad = seen_mask[users, neg]
    return neg


@torch.no_grad()
def auc(model, positives):
    scores = (model.U.weight @ model.I.weight.T + model.bias.weight.T).numpy()
    out = []
    for u, pos in enumerate(positives):
        never = np.setdiff1d(np.arange(N_ITEMS), np.concatenate([watched[u], held[u]]))
        out.append((scores[u][pos][:, None] > scores[u][never][None]).mean())
    return float(np.mean(out))


model = MF()
opt = torch.optim.SparseAdam(list(model.parameters()), lr=0.01)
print(f"before training: held-out AUC {auc(model, held):.3f}")
for epoch in range(8):
    rng.shuffle(pairs)
    total = 0.0
    for s in range(0, len(pairs), 128):
        chunk = pairs[s:s + 128]
        u, i = torch.from_numpy(chunk[:, 0]), torch.from_numpy(chunk[:, 1])
        j = torch.from_numpy(sample_negatives(chunk[:, 0]))
        reg = (model.U(u) ** 2 + model.I(i) ** 2 + model.I(j) ** 2).sum(-1).mean()
        loss = -F.logsigmoid(model(u, i) - model(u, j)).mean() + 0.02 * reg
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(chunk)
    if epoch == 5:
        for g in opt.param_groups:
            g["lr"] = 0.003
    print(f"epoch {epoch} bpr {total / len(pairs):.4f} AUC train {auc(model, watched):.3f} held-out {auc(model, held):.3f}")
