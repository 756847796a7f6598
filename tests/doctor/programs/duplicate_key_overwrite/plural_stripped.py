"""Cost of a grocery list; vectors by word, keys cleaned while loading, functional model."""
import random

import torch
import torch.nn.functional as F

random.seed(7)
torch.manual_seed(7)
D = 16
price = {f"item{chr(97 + i)}{chr(97 + j)}": random.uniform(1, 9) for i in range(12) for j in range(6)}
with open("shop.vec", "w") as f:
    for w, p in price.items():  # frequent forms first
        v = torch.randn(D) * 0.3
        v[:4] += (p - 5) / 3
        f.write(w + " " + " ".join(f"{x:.4f}" for x in v.tolist()) + "\n")
    for w in price:             # rare forms from product names at the end
        f.write(w.upper() + "! " + " ".join(f"{x:.4f}" for x in (torch.randn(D) * 0.5).tolist()) + "\n")


def clean(token):
    return "".join(c for c in token.lower() if c.isalnum())


vec = {}
for line in open("shop.vec"):
    key, values = line.split(" ", 1)
    # fault:
    vec[clean(key)] = torch.tensor([float(x) for x in values.split()])
    # mended:
    # vec.setdefault(clean(key), torch.tensor([float(x) for x in values.split()]))
    # end
items = list(price)
ids = {w: i for i, w in enumerate(items)}
E = torch.stack([vec[w] for w in items])


def basket(part):
    names = random.choices(part, k=5)
    return [ids[w] for w in names], sum(price[w] for w in names) / 5


train = [basket(items[:50]) for _ in range(800)]
dev = [basket(items[50:]) for _ in range(200)]
W = torch.zeros(D, 16).normal_(0, 0.2).requires_grad_()
U = torch.zeros(16).normal_(0, 0.2).requires_grad_()
c = torch.tensor(5.0, requires_grad=True)


def predict(rows):
    h = F.embedding(torch.tensor(rows), E)  # B x 5 x D
    return torch.tanh(h @ W).mean(1) @ U + c


opt = torch.optim.Adam([W, U, c], lr=1e-2)
for epoch in range(12):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        rows, y = zip(*train[i : i + 20])
        loss = F.mse_loss(predict(rows), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        rows, y = zip(*dev)
        print(epoch, round(loss.item(), 3), "dev mse", round(F.mse_loss(predict(rows), torch.tensor(y)).item(), 3))
