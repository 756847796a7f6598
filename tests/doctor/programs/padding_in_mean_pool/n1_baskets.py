"""Premium or budget shopper? Decide from the item ids on one receipt (2 to 40 lines)."""
import random

import torch
import torch.nn.functional as F

random.seed(8)
torch.manual_seed(8)

N_ITEMS, LONGEST, D = 300, 40, 12
PAD = 0
item_level = [0.0] + [random.gauss(0, 1) for _ in range(N_ITEMS)]


def receipt():
    taste = random.gauss(0, 0.6)
    k = min(LONGEST, 2 + int(random.expovariate(1 / 9.0)))
    items = []
    while len(items) < k:
        i = random.randint(1, N_ITEMS)
        if abs(item_level[i] - taste) < 1.2 or random.random() < 0.15:
            items.append(i)
    level = sum(item_level[i] for i in items) / k
    return items, level


def collate(rows):
    ids = torch.full((len(rows), LONGEST), PAD)
    for n, (items, _) in enumerate(rows):
        ids[n, :len(items)] = torch.tensor(items)
    return ids, torch.tensor([lv for _, lv in rows])


pool = {}
while len(pool) < 4500:
    items, lv = receipt()
    pool[tuple(sorted(items))] = (items, lv)
rows = list(pool.values())
random.shuffle(rows)
train, held = rows[:3600], rows[3600:]

E = (torch.randn(N_ITEMS + 1, D) * 0.2)
E[PAD] = 0
E.requires_grad_()
A = (torch.randn(D, D) / D ** 0.5).requires_grad_()
a = torch.zeros(D, requires_grad=True)
v = (torch.randn(D) / D ** 0.5).requires_grad_()
c = torch.zeros((), requires_grad=True)
leaves = [E, A, a, v, c]


def predict(ids):
    vecs = F.embedding(ids, E, padding_idx=PAD)
    # fault:
    basket = vecs.mean(dim=1)
    # mended:
    #n = (ids != PAD).sum(dim=1, keepdim=True)
    #basket = vecs.sum(dim=1) / n
    # end
    return (basket + torch.tanh(basket @ A + a)) @ v + c


# plain Adam, written out
m1 = [torch.zeros_like(p) for p in leaves]
m2 = [torch.zeros_like(p) for p in leaves]


def adam(grads, t, lr, b1=0.9, b2=0.99, eps=1e-8):
    with torch.no_grad():
        for p, g, m, s in zip(leaves, grads, m1, m2):
            m.mul_(b1).add_(g, alpha=1 - b1)
            s.mul_(b2).addcmul_(g, g, value=1 - b2)
            p.sub_(lr * (m / (1 - b1 ** t)) / ((s / (1 - b2 ** t)).sqrt() + eps))


x_held, y_held = collate(held)
x_train, y_train = collate(train)


@torch.no_grad()
def r2(x, y):
    return 1 - ((predict(x) - y) ** 2).mean().item() / y.var(unbiased=False).item()


step, epochs = 0, 12
per_epoch = (len(train) + 39) // 40
for epoch in range(epochs):
    total = 0.0
    for chunk in torch.randperm(len(train)).split(40):
        step += 1
        loss = F.mse_loss(predict(x_train[chunk]), y_train[chunk])
        adam(torch.autograd.grad(loss, leaves), step, 0.01 * (1 - 0.95 * step / (epochs * per_epoch)))
        total += loss.item() * len(chunk)
    print(f"epoch {epoch + 1:2d}  mse {total / len(train):.4f}  R2 train {r2(x_train, y_train):.3f}  held out {r2(x_held, y_held):.3f}")

with torch.no_grad():
    p = predict(x_held)
    print("premium/budget accuracy", round(((p > 0) == (y_held > 0)).float().mean().item(), 3))
