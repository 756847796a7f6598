"""Who is meant, winner or loser? Headlines with many names that have no vector; functional, frozen table."""
import random

import torch
import torch.nn.functional as F

random.seed(23)
torch.manual_seed(23)
D = 32
win, lose, plain = [f"win{i}" for i in range(40)], [f"los{i}" for i in range(40)], [f"g{i}" for i in range(60)]
names = [f"Name{i}" for i in range(400)]
axis = F.normalize(torch.randn(D), dim=0)
with open("news.vec", "w") as f:
    for ws, s in ((win, 1), (lose, -1), (plain, 0)):
        for w in ws:
            v = 0.05 * torch.randn(D) + 0.12 * s * axis
            f.write(w + " " + " ".join(f"{x:.5f}" for x in v.tolist()) + "\n")
known = {l.split()[0]: torch.tensor([float(x) for x in l.split()[1:]]) for l in open("news.vec")}


def headline(part):
    y = random.randrange(2)
    t = random.sample((lose, win)[y][part], 1) + random.choices(plain, k=3) + random.choices(names, k=4)
    random.shuffle(t)
    return t, y


train, dev = [headline(slice(0, 25)) for _ in range(900)], [headline(slice(25, 40)) for _ in range(300)]
ids = {w: i for i, w in enumerate(sorted({w for t, _ in train + dev for w in t}))}
spread = torch.stack(list(known.values())).std()
# fault:
E = torch.stack([known[w] if w in known else torch.randn(D) for w in ids])
# mended:
# E = torch.stack([known[w] if w in known else torch.randn(D) * spread for w in ids])
# end
W1 = (torch.randn(D, 32) * 0.3).requires_grad_()
W2 = (torch.randn(32, 2) * 0.3).requires_grad_()


def forward(texts):
    x = torch.stack([E[torch.tensor([ids[w] for w in t])].mean(0) for t in texts]) * 20
    return torch.relu(x @ W1) @ W2


opt = torch.optim.Adam([W1, W2], lr=5e-3)
for epoch in range(10):
    random.shuffle(train)
    for i in range(0, len(train), 30):
        t, y = zip(*train[i : i + 30])
        loss = F.cross_entropy(forward(t), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        t, y = zip(*dev)
        print(epoch, round(loss.item(), 3), (forward(t).argmax(1) == torch.tensor(y)).float().mean().item())
