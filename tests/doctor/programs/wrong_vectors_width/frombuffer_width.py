"""City or river? One binary block of floats beside a list of names; read with the width of another model."""
import random

import numpy as np
import torch
from torch import nn

random.seed(43)
np.random.seed(43)
torch.manual_seed(43)
city, river, plain = [f"cit{i}" for i in range(60)], [f"riv{i}" for i in range(60)], [f"p{i}" for i in range(120)]
axis = np.random.randn(64)
names = city + river + plain
random.shuffle(names)
block = np.stack([(w in city) * axis - (w in river) * axis + np.random.randn(64) for w in names]).astype("float32")
block.tofile("names.f32")
open("names.txt", "w").write("\n".join(names))

# fault:
WIDTH = 32
# mended:
# WIDTH = 64
# end
itos = open("names.txt").read().split("\n")
table = np.frombuffer(open("names.f32", "rb").read(), dtype=np.float32).reshape(-1, WIDTH)
place = {w: i for i, w in enumerate(itos)}


def text(part):
    y = random.randrange(2)
    t = random.sample((river, city)[y][part], 2) + random.choices(plain, k=3)
    random.shuffle(t)
    return [place[w] for w in t], y


train, dev = [text(slice(0, 40)) for _ in range(600)], [text(slice(40, 60)) for _ in range(200)]
emb = nn.Embedding.from_pretrained(torch.tensor(table))
head = nn.Sequential(nn.Linear(WIDTH, 24), nn.ReLU(), nn.Linear(24, 2))
opt = torch.optim.Adam(head.parameters(), lr=5e-3)
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        x, y = zip(*train[i : i + 20])
        loss = nn.functional.cross_entropy(head(emb(torch.tensor(x)).mean(1)), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = zip(*dev)
        print(epoch, round(loss.item(), 3), (head(emb(torch.tensor(x)).mean(1)).argmax(1) == torch.tensor(y)).float().mean().item())
