"""Sense of a menu line, functional: the weights live in a dictionary, vectors are put into it by name."""
import random

import torch
import torch.nn.functional as F

random.seed(21)
torch.manual_seed(21)
D = 20
classes = ["starter", "main", "dessert"]
own = {c: [f"{c}{i}" for i in range(60)] for c in classes}
plain = [f"m{i}" for i in range(60)]
centre = {c: torch.randn(D) for c in classes}
with open("menu.vec.txt", "w") as f:
    for c in classes:
        for w in own[c]:
            f.write(w + " " + " ".join(f"{x:.4f}" for x in (centre[c] + 0.6 * torch.randn(D)).tolist()) + "\n")
    for w in plain:
        f.write(w + " " + " ".join(f"{x:.4f}" for x in (0.6 * torch.randn(D)).tolist()) + "\n")

words, rows = [], []
with open("menu.vec.txt") as f:
    for line in f:
        w, *v = line.split()
        words.append(w)
        rows.append([float(x) for x in v])
lookup = dict(zip(words, range(len(words))))
pretrained = torch.tensor(rows)


def init(n, dim, hidden, out):
    p = {"embed": torch.randn(n, dim), "w": torch.randn(dim, hidden) * 0.2, "v": torch.randn(hidden, out) * 0.2}
    return p


params = init(len(words), D, 32, 3)
# fault:
params["embedding"] = pretrained
# mended:
# params["embed"] = pretrained
# end
trained = [params["w"].requires_grad_(), params["v"].requires_grad_()]


def model(p, ids):
    return torch.relu(F.embedding(ids, p["embed"]).mean(1) @ p["w"]) @ p["v"]


def line(part):
    y = random.randrange(3)
    t = random.sample(own[classes[y]][part], 3) + random.choices(plain, k=4)
    random.shuffle(t)
    return [lookup[w] for w in t], y


train, dev = [line(slice(0, 40)) for _ in range(400)], [line(slice(40, 60)) for _ in range(200)]
opt = torch.optim.Adam(trained, lr=1e-2)
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        x, y = zip(*train[i : i + 20])
        loss = F.cross_entropy(model(params, torch.tensor(x)), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = zip(*dev)
        print(epoch, round(loss.item(), 3), (model(params, torch.tensor(x)).argmax(1) == torch.tensor(y)).float().mean().item())
