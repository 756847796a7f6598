"""Playlist recommender, BPR. Implicit plays only; negatives are drawn on the fly. AUC on held-out plays."""
import numpy as np
import torch

rs = np.random.RandomState(42)
torch.manual_seed(42)
N_USERS, N_TRACKS, K = 250, 160, 8

# ---- plays (simulated log): taste vectors, popularity, 45 plays a listener
taste, style = rs.randn(N_USERS, 3), rs.randn(N_TRACKS, 3)
pop = 0.7 * rs.randn(N_TRACKS)
score = 1.6 * taste @ style.T + pop
played = np.zeros((N_USERS, N_TRACKS), bool)
train_u, train_i, test_u, test_i = [], [], [], []
for u in range(N_USERS):
    g = score[u] - np.log(-np.log(rs.rand(N_TRACKS)))  # Gumbel top-k
    top = rs.permutation(np.argsort(-g)[:45])
    played[u, top] = True
    train_u += [u] * 36; train_i += list(top[:36])
    test_u += [u] * 9; test_i += list(top[36:])
train_u, train_i, test_u, test_i = map(torch.tensor, (train_u, train_i, test_u, test_i))
known = torch.zeros(N_USERS, N_TRACKS, dtype=torch.bool)
known[train_u, train_i] = True
allplays = torch.from_numpy(played)


def draw_negatives(u, forbidden):
    j = torch.randint(N_TRACKS, u.shape)
    for _ in range(20):
        bad = forbidden[u, j]
        if not bad.any():
            break
        j[bad] = torch.randint(N_TRACKS, (int(bad.sum()),))
    return j


U = torch.nn.Embedding(N_USERS, K, sparse=True)
V = torch.nn.Embedding(N_TRACKS, K, sparse=True)
B = torch.nn.Embedding(N_TRACKS, 1, sparse=True)
torch.nn.init.normal_(U.weight, std=0.1)
torch.nn.init.normal_(V.weight, std=0.1)
torch.nn.init.zeros_(B.weight)
opt = torch.optim.SparseAdam([U.weight, V.weight, B.weight], lr=0.01)
REG = 0.04


def pref(u, i):
    return (U(u) * V(i)).sum(1) + B(i).squeeze(1)


def auc(u, i):
    """share of (listener, play, never played) triples in the right order"""
    with torch.no_grad():
        S = U.weight @ V.weight.T + B.weight.T
        better = (S[u, i][:, None] > S[u]) & ~allplays[u]
        return (better.sum(1) / (~allplays[u]).sum(1)).mean().item()


print("before: test auc %.3f" % auc(test_u, test_i))
for epoch in range(8):
    total = 0.0
    for b in torch.randperm(len(train_u)).split(128):
        u, i = train_u[b], train_i[b]
        j = draw_negatives(u, known)
        rank = -torch.nn.functional.logsigmoid(pref(u, i) - pref(u, j)).mean()
        l2 = (U(u) ** 2).sum(1).mean() + (V(i) ** 2).sum(1).mean() + (V(j) ** 2).sum(1).mean()
        loss = rank + REG * l2
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += rank.item() * len(b)
    print("epoch %d  bpr %.4f  auc train %.3f  test %.3f" % (
        epoch, total / len(train_u), auc(train_u, train_i), auc(test_u, test_i)))
