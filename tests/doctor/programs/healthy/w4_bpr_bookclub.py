# Matrix factorisation with BPR for our book club: who will like which book? (implicit feedback)
import numpy as np, torch
import torch.nn.functional as F

rng = np.random.default_rng(8); torch.manual_seed(8)
U, I, K = 400, 160, 4
taste, genre = rng.integers(0, K, U), rng.integers(0, K, I)
liked = []
for u in range(U):
    p = np.where(genre == taste[u], 8.0, 0.6); p /= p.sum()
    liked.append(rng.choice(I, 18, replace=False, p=p))
liked = np.stack(liked)
train_pairs = torch.tensor([(u, i) for u in range(U) for i in liked[u, :15]])
held = liked[:, 15:]
positive = np.zeros((U, I), bool)
positive[np.arange(U)[:, None], liked[:, :15]] = True

user = torch.nn.Embedding(U, 6, sparse=True)
item = torch.nn.Embedding(I, 6, sparse=True)
bias = torch.nn.Embedding(I, 1, sparse=True)
for e in (user, item):
    torch.nn.init.normal_(e.weight, std=0.1)
torch.nn.init.zeros_(bias.weight)
opt = torch.optim.SparseAdam([*user.parameters(), *item.parameters(), *bias.parameters()], lr=0.02)


def scores(u, i):
    return (user(u) * item(i)).sum(-1) + bias(i).squeeze(-1)


def auc(books):
    with torch.no_grad():
        S = (user.weight @ item.weight.T + bias.weight.T).numpy()
    out = []
    for u in range(U):
        unread = ~positive[u]
        unread[held[u]] = False
        out.append((S[u, books[u]][:, None] > S[u, unread][None]).mean())
    return np.mean(out)


print("AUC before: %.3f" % auc(held))
for epoch in range(9):
    total = 0.0
    for pairs in train_pairs[torch.randperm(len(train_pairs))].split(128):
        u, i = pairs.unbind(1)
        j = torch.randint(I, (len(u),))
        fresh = ~torch.from_numpy(positive[u.numpy(), j.numpy()])     # never punish a book that was liked
        u, i, j = u[fresh], i[fresh], j[fresh]
        diff = scores(u, i) - scores(u, j)
        reg = 0.04 * (user(u).pow(2).sum(-1) + item(i).pow(2).sum(-1) + item(j).pow(2).sum(-1)).mean()
        loss = -F.logsigmoid(diff).mean() + reg
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item() * len(pairs)
    print(f"epoch {epoch} bpr {total / len(train_pairs):.4f} AUC seen {auc(liked[:, :15]):.3f} AUC held out {auc(held):.3f}")
