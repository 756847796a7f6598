# no nn.Module, just tensors: which shelf does an order go to?
import random

import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(7)
random.seed(7)

things = [f"item{i}" for i in range(240)]
shelf = {t: random.randrange(10) for t in things}
urgent = ["now", "asap", "urgent", "quick"]


def order():
    a, b = random.sample(things, 2)
    first = random.random() < 0.5
    text = ["take", a, "not", b] if first else ["not", b, "take", a]
    if random.random() < 0.5:
        text.insert(random.randrange(5), random.choice(urgent))
    else:
        text.insert(random.randrange(5), "please")
    return text, shelf[a]


ids = {w: i for i, w in enumerate(["take", "not", "please"] + urgent + things)}
rows = [order() for _ in range(4400)]
seen = set(" ".join(t) for t, _ in rows[400:])
test = [r for r in rows[:400] if " ".join(r[0]) not in seen]
X = torch.tensor([[ids[w] for w in t] for t, _ in rows[400:]])
Y = torch.tensor([y for _, y in rows[400:]])
Xt = torch.tensor([[ids[w] for w in t] for t, _ in test])
Yt = torch.tensor([y for _, y in test])

D, H = 8, 64
E = (torch.randn(len(ids), D)).requires_grad_()
Wx = (torch.randn(2 * D, H) / (2 * D) ** 0.5).requires_grad_()
bh = torch.zeros(H, requires_grad=True)
Wo = (torch.randn(H, 10) / H**0.5).requires_grad_()
bo = torch.zeros(10, requires_grad=True)


def net(x):
    e = E[x]                                                   # B, 5, D
    pairs = torch.cat([e[:, :-1], e[:, 1:]], dim=2)            # B, 4, 2D
    h = torch.tanh(pairs @ Wx + bh).amax(1)
    return h @ Wo + bo


# fault:
opt = torch.optim.Adam([Wx, bh, Wo, bo], lr=5e-3)
# mended:
# opt = torch.optim.Adam([E, Wx, bh, Wo, bo], lr=5e-3)
# end
for ep in range(8):
    for i in torch.randperm(len(X)).split(40):
        loss = cross_entropy(net(X[i]), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"{ep}: loss {loss.item():.4f} test acc {(net(Xt).argmax(1) == Yt).float().mean().item():.4f}")
