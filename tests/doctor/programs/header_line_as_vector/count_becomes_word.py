"""Genre of a book blurb: word2vec text file into two lists, then EmbeddingBag with offsets."""
import random

import torch
from torch import nn

random.seed(8)
torch.manual_seed(8)
genres = ["crime", "romance", "space"]
own = {g: [f"{g}{i}" for i in range(50)] for g in genres}
plain = [f"word{i}" for i in range(100)]
dim = 16
middle = {g: torch.randn(dim) for g in genres}
with open("blurbs.vec", "w") as f:
    words = [(w, middle[g] + 0.7 * torch.randn(dim)) for g in genres for w in own[g]] + [(w, 0.7 * torch.randn(dim)) for w in plain]
    print(len(words), dim, file=f)
    for w, v in words:
        print(w, *(f"{x:.4f}" for x in v.tolist()), file=f)

itos, rows = [], []
for line in open("blurbs.vec"):
    parts = line.split()
    # fault:
    # mended:
    # if len(parts) == 2:
    #     continue
    # end
    itos.append(parts[0])
    v = [float(x) for x in parts[1:]]
    rows.append(v + [0.0] * (dim - len(v)))
stoi = {w: i for i, w in enumerate(itos)}
print(len(itos), "vectors")


def blurb(part):
    g = random.randrange(3)
    t = random.sample(own[genres[g]][part], 2) + random.choices(plain, k=random.randint(4, 9))
    random.shuffle(t)
    return [stoi[w] for w in t], g


train = [blurb(slice(0, 30)) for _ in range(900)]
dev = [blurb(slice(30, 50)) for _ in range(300)]


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(torch.tensor(rows), freeze=True, mode="mean")
        self.mlp = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Linear(32, 3))

    def forward(self, flat, starts):
        return self.mlp(self.bag(flat, starts))


def collate(part):
    flat = torch.tensor([i for t, _ in part for i in t])
    starts = torch.tensor([0] + [len(t) for t, _ in part[:-1]]).cumsum(0)
    return flat, starts, torch.tensor([g for _, g in part])


net = Bag()
opt = torch.optim.Adam(net.mlp.parameters(), lr=5e-3)
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, len(train), 30):
        flat, starts, y = collate(train[i : i + 30])
        loss = nn.functional.cross_entropy(net(flat, starts), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        flat, starts, y = collate(dev)
        print(f"{epoch} loss {loss.item():.3f} dev {(net(flat, starts).argmax(1) == y).float().mean():.3f}")
