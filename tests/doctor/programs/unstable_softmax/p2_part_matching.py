"""Match supplier descriptions to our own part descriptions: two towers, in-batch negatives."""
import itertools
import random

import torch

random.seed(8)
torch.manual_seed(8)

SLOTS = ["thread", "head", "metal", "length", "finish"]
VALUES = 7            # values per slot
FORMS = 2             # ways to write the same value
TAU = 0.01


def spelling(side):
    return {(s, v, k): i for i, (s, v, k) in enumerate(itertools.product(range(len(SLOTS)), range(VALUES), range(FORMS)))}, side


SUPPLIER, _ = spelling("supplier")
INHOUSE, _ = spelling("in-house")


def write(part, forms):
    toks = [forms[s, v, random.randrange(FORMS)] for s, v in enumerate(part)]
    random.shuffle(toks)
    return toks


parts = random.sample(list(itertools.product(range(VALUES), repeat=len(SLOTS))), 3600)
pairs = [(write(p, SUPPLIER), write(p, INHOUSE)) for p in parts]
left = torch.tensor([a for a, _ in pairs])
right = torch.tensor([b for _, b in pairs])
n_train = 3200
held = slice(n_train, None)


def tower(vocab, dim, out):
    return {
        "emb": (torch.randn(vocab, dim) * 0.4).requires_grad_(),
        "proj": (torch.randn(dim, out) / dim ** 0.5).requires_grad_(),
    }


A = tower(len(SUPPLIER), 32, 24)
B = tower(len(INHOUSE), 32, 24)


def embed(T, ids):
    z = T["emb"][ids].mean(1) @ T["proj"]
    return z / z.norm(dim=1, keepdim=True).clamp_min(1e-6)


def contrast(za, zb):
    sim = za @ zb.T / TAU
    # fault:
    e = torch.exp(sim)
    back = -torch.log(e.diagonal() / e.sum(0))
    forth = -torch.log(e.diagonal() / e.sum(1))
    # mended:
    #back = -torch.log_softmax(sim, dim=0).diagonal()
    #forth = -torch.log_softmax(sim, dim=1).diagonal()
    # end
    return (back.mean() + forth.mean()) / 2


def recall(k, where):
    with torch.no_grad():
        sim = embed(A, left[where]) @ embed(B, right[where]).T
        best = sim.topk(k, dim=1).indices
        return (best == torch.arange(len(sim))[:, None]).any(1).float().mean().item()


params = [*A.values(), *B.values()]
opt = torch.optim.Adam(params, lr=0.004)
EPOCHS = 14
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 0.02, total_steps=EPOCHS * (n_train // 80))
for epoch in range(EPOCHS):
    total = 0.0
    for pick in torch.randperm(n_train).split(80):
        loss = contrast(embed(A, left[pick]), embed(B, right[pick]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item()
    if epoch % 2 == 0 or epoch == EPOCHS - 1:
        print(f"epoch {epoch:2d}  loss {total / (n_train // 80):.4f}  recall@1 held out {recall(1, held):.3f}")

n_held = len(left) - n_train
print(f"train (400 of them): recall@1 {recall(1, slice(0, 400)):.3f}")
print(f"held out           : recall@1 {recall(1, held):.3f}  recall@5 {recall(5, held):.3f}   (by luck {1 / n_held:.4f})")
