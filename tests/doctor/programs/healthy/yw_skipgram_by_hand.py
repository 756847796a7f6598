"""Skip-gram with negative sampling the way the C code does it: gradients written out, no optimiser, no autograd.

Corpus: made-up shopping baskets; goods of one aisle are bought together.  Score: does the
nearest neighbour of an item stand in the same aisle?  Baskets are also held out for a loss.
"""
import numpy as np
import torch

g = torch.Generator().manual_seed(0)
rng = np.random.default_rng(0)

aisles = {
    "dairy": "milk butter cheese yogurt cream quark eggs", "fruit": "apple pear plum banana cherry grape lemon",
    "bakery": "bread roll bun croissant bagel toast muffin", "drinks": "water juice cola beer wine tea coffee",
    "care": "soap shampoo toothpaste razor comb lotion towel", "garden": "soil pot seed hose rake spade gloves",
}
items = [w for a in aisles.values() for w in a.split()]
aisle_of = np.repeat(np.arange(len(aisles)), 7)
V, D, NEG = len(items), 10, 5


def baskets(n):
    pairs = []
    for _ in range(n):
        a = rng.integers(6)
        inside = rng.choice(np.flatnonzero(aisle_of == a), 4, replace=False)
        other = rng.integers(V)
        basket = list(inside) + [other]
        pairs += [(x, z) for x in basket for z in basket if x != z]
    return torch.tensor(np.array(pairs))


train, held = baskets(1500), baskets(200)
freq = torch.bincount(train[:, 1], minlength=V).float() ** 0.75
W = (torch.rand(V, D, generator=g) - 0.5) / D
C = torch.zeros(V, D)                     # as in word2vec.c: context side starts at zero


def sgns_loss(pairs):
    neg = torch.multinomial(freq, len(pairs) * NEG, True, generator=g).view(-1, NEG)
    v = W[pairs[:, 0]]
    pos = (v * C[pairs[:, 1]]).sum(1)
    ngs = torch.einsum("bd,bkd->bk", v, C[neg])
    return -(torch.nn.functional.logsigmoid(pos) + torch.nn.functional.logsigmoid(-ngs).sum(1)).mean().item()


def purity():
    n = torch.nn.functional.normalize(W, dim=1)
    s = n @ n.T
    s.fill_diagonal_(-2)
    return float((aisle_of[s.argmax(1).numpy()] == aisle_of).mean())


EPOCHS, B = 6, 32
print("start: loss %.3f neighbour purity %.2f" % (sgns_loss(held), purity()))
for ep in range(EPOCHS):
    lr = 0.15 * (1 - ep / EPOCHS)
    for b in torch.randperm(len(train), generator=g).split(B):
        x, z = train[b].unbind(1)
        neg = torch.multinomial(freq, len(b) * NEG, True, generator=g).view(-1, NEG)
        ctx = torch.cat([z[:, None], neg], 1)                       # (B, 1 + NEG)
        label = torch.zeros(ctx.shape)
        label[:, 0] = 1
        v, c = W[x], C[ctx]
        err = torch.sigmoid(torch.einsum("bd,bkd->bk", v, c)) - label
        grad_v = torch.einsum("bk,bkd->bd", err, c)
        grad_c = err[..., None] * v[:, None]
        W.index_add_(0, x, grad_v, alpha=-lr)
        C.index_add_(0, ctx.flatten(), grad_c.flatten(0, 1), alpha=-lr)
    print(f"epoch {ep + 1} train loss {sgns_loss(train[:4000]):.3f} held-out loss {sgns_loss(held):.3f} purity {purity():.2f}")
for w in ("milk", "soap", "wine"):
    n = torch.nn.functional.normalize(W, dim=1)
    print(w, [items[j] for j in (n @ n[items.index(w)]).topk(4).indices.tolist()[1:]])
