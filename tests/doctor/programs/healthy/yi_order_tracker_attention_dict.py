# Multi-head self-attention from scratch, all weights in one dictionary, updates written out (Adam by hand).
# Task: a waiter's notes "table4 soup table2 wine ... ? table2" -> what did that table order (12 dishes)?
import math
import numpy as np
import torch

rs = np.random.RandomState(40)
torch.manual_seed(40)
TABLES, DISHES, T = 8, 12, 11            # five (table, dish) pairs and the table asked for: always 11 tokens
V, D, HEADS = TABLES + DISHES, 32, 2


def make(n):
    out = {}
    while len(out) < n:
        t = rs.choice(TABLES, 5, replace=False)
        d = rs.randint(0, DISHES, 5)
        q = rs.randint(5)
        seq = np.stack([t, TABLES + d], 1).reshape(-1).tolist() + [int(t[q])]
        out[tuple(seq)] = int(d[q])
    return torch.tensor(list(out)), torch.tensor(list(out.values()))


X, Y = make(4300)
Xtr, Ytr, Xte, Yte = X[:3800], Y[:3800], X[3800:], Y[3800:]

mat = lambda a, b: (torch.randn(a, b) / math.sqrt(a)).requires_grad_()
P = {
    "tok": (torch.randn(V, D) * .5).requires_grad_(),
    "prev": (torch.randn(V, D) * .5).requires_grad_(),   # every position also sees the token on its left
    "q": mat(D, D), "k": mat(D, D), "v": mat(D, D), "o": mat(D, D),
    "w1": mat(D, 64), "b1": torch.zeros(64, requires_grad=True),
    "w2": mat(64, DISHES), "b2": torch.zeros(DISHES, requires_grad=True),
}


def rms(x):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)


def f(P, x):
    B = len(x)
    left = torch.cat([torch.zeros(B, 1, D), P["prev"][x[:, :-1]]], 1)
    h = P["tok"][x] + left
    h[:, -1] = P["tok"][x[:, -1]]                        # the question stands alone
    n = rms(h)
    q = (n[:, -1] @ P["q"]).view(B, HEADS, 1, D // HEADS)       # only the last place asks
    k = (n[:, :-1] @ P["k"]).view(B, T - 1, HEADS, D // HEADS).transpose(1, 2)
    v = (n[:, :-1] @ P["v"]).view(B, T - 1, HEADS, D // HEADS).transpose(1, 2)
    a = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(D // HEADS), -1)
    z = h[:, -1] + (a @ v).reshape(B, D) @ P["o"]
    return torch.relu(rms(z) @ P["w1"] + P["b1"]) @ P["w2"] + P["b2"]


def acc(x, y):
    with torch.no_grad():
        return (f(P, x).argmax(1) == y).float().mean().item()


m = {n: torch.zeros_like(p) for n, p in P.items()}
s = {n: torch.zeros_like(p) for n, p in P.items()}
t, EPOCHS, BS = 0, 8, 50
total = EPOCHS * len(Xtr) // BS
print("chance", round(1 / DISHES, 3))
for epoch in range(EPOCHS):
    perm = torch.from_numpy(rs.permutation(len(Xtr)))
    sm = 0.
    for idx in perm.split(BS):
        logp = torch.log_softmax(f(P, Xtr[idx]), 1)
        loss = -logp[torch.arange(len(idx)), Ytr[idx]].mean()
        loss.backward()
        t += 1
        lr = 8e-3 * min(1, t / 30) * .5 * (1 + math.cos(math.pi * min(1, t / total)))
        with torch.no_grad():
            for n, p in P.items():
                m[n].mul_(.9).add_(p.grad, alpha=.1)
                s[n].mul_(.99).addcmul_(p.grad, p.grad, value=.01)
                p -= lr * (m[n] / (1 - .9 ** t)) / ((s[n] / (1 - .99 ** t)).sqrt() + 1e-8)
                p.grad = None
        sm += loss.item() * len(idx)
    print(f"[{epoch}] loss {sm / len(Xtr):.4f}  train {acc(Xtr[:500], Ytr[:500]):.3f}  test {acc(Xte, Yte):.3f}")
