"""Which vehicle module is failing?  Bag of diagnostic trouble codes -> module.
Large code table, only a handful of codes per visit."""
import math
import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(77)
N_CODES, N_MODULES, DIM, HID = 300, 7, 16, 32

# each code is (softly) the business of one module; a third of them means nothing
owner = torch.randint(0, N_MODULES, (N_CODES,), generator=g)
noise = torch.rand(N_CODES, generator=g) < 0.33


def visit():
    m = int(torch.randint(0, N_MODULES, (1,), generator=g))
    n = int(torch.randint(4, 12, (1,), generator=g))
    pool = torch.randint(0, N_CODES, (n * 8,), generator=g)
    mine = pool[(owner[pool] == m) & ~noise[pool]][: max(2, n * 2 // 3)]
    rest = pool[-(n - len(mine)):] if n > len(mine) else pool[:0]
    return torch.cat([mine, rest]), m


def dataset(n):
    seen, rows = set(), []
    while len(rows) < n:
        codes, m = visit()
        k = tuple(sorted(codes.tolist()))
        if len(codes) and k not in seen:
            seen.add(k)
            rows.append((codes, m))
    return rows


def collate(rows):
    lens = torch.tensor([len(c) for c, _ in rows])
    offsets = torch.cat([torch.zeros(1, dtype=torch.long), lens.cumsum(0)[:-1]])
    return torch.cat([c for c, _ in rows]), offsets, torch.tensor([m for _, m in rows])


def leaf(*shape, scale):
    return (torch.randn(*shape, generator=g) * scale).requires_grad_()


theta = dict(
    codes=leaf(N_CODES, DIM, scale=0.3),
    W=leaf(HID, DIM, scale=1 / math.sqrt(DIM)),
    b=torch.zeros(HID, requires_grad=True),
    V=leaf(N_MODULES, HID, scale=1 / math.sqrt(HID)),
    c=torch.zeros(N_MODULES, requires_grad=True),
)


def forward(t, flat, offsets):
    bag = F.embedding_bag(flat, t["codes"], offsets, mode="mean", sparse=True)
    return F.linear(F.relu(F.linear(bag, t["W"], t["b"])), t["V"], t["c"])


rows = dataset(9000)
train, dev = rows[:8000], rows[8000:]

# fault:
optimizer = torch.optim.Adagrad(theta.values(), lr=0.03, weight_decay=1e-5)
# mended:
#optimizer = torch.optim.Adagrad([
#    {"params": [theta["codes"]], "weight_decay": 0.0},
#    {"params": [theta[k] for k in "WbVc"], "weight_decay": 1e-5},
#], lr=0.03)
# end


def accuracy(part):
    with torch.no_grad():
        flat, off, y = collate(part)
        z = forward(theta, flat, off)
        return (z.argmax(1) == y).float().mean().item(), F.cross_entropy(z, y).item()


for epoch in range(4):
    perm = torch.randperm(len(train), generator=g).tolist()
    running = 0.0
    for i in range(0, len(perm), 64):
        flat, off, y = collate([train[j] for j in perm[i:i + 64]])
        optimizer.zero_grad()
        loss = F.cross_entropy(forward(theta, flat, off), y)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(y)
    print(f"epoch {epoch}  loss {running / len(train):.4f}  train acc/loss %.3f %.3f  dev acc/loss %.3f %.3f"
          % (*accuracy(train), *accuracy(dev)))
print("dev accuracy", round(accuracy(dev)[0], 4))
