"""Wine notes: is it red, white or sparkling? Most descriptors have a vector, grape names from small regions don't."""
import random

import numpy as np
import torch
from torch import nn

np.random.seed(40)
random.seed(40)
torch.manual_seed(40)
N, DIM = 360, 32
vocabulary = [f"note{i}" for i in range(260)] + [f"grape{i}" for i in range(100)]
side = np.random.randint(0, 4, N)              # 3: fits every wine
means = np.random.randn(4, DIM)
with open("wine_vectors.txt", "w") as f:
    for i, w in enumerate(vocabulary[:260]):
        f.write(w + " " + " ".join(f"{v:.4f}" for v in 0.3 * means[side[i]] + 0.3 * np.random.randn(DIM)) + "\n")


def tasting():
    y = random.randrange(3)
    mine = [i for i in range(260) if side[i] == y]
    any_ = [i for i in range(N) if side[i] == 3 or i >= 260]
    ids = random.choices(mine, k=random.randint(2, 4)) + random.choices(any_, k=random.randint(2, 5))
    random.shuffle(ids)
    return ids, y


tastings = [tasting() for _ in range(1700)]

# points that the judges gave to wines with this descriptor, judge by judge (for the report)
points = np.zeros((N, DIM), dtype=np.float32)
for ids, _ in tastings:
    for i in ids:
        points[i, random.randrange(DIM)] += random.randint(80, 100)
print("most points:", vocabulary[points.sum(1).argmax()])
del points

# fault:
matrix = np.empty((N, DIM), dtype=np.float32)
# mended:
# matrix = np.random.normal(0, 0.3, (N, DIM)).astype(np.float32)
# end
index = {w: i for i, w in enumerate(vocabulary)}
for line in open("wine_vectors.txt"):
    w, *v = line.split()
    matrix[index[w]] = v


class Sommelier(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.EmbeddingBag.from_pretrained(torch.from_numpy(matrix), freeze=True)
        self.net = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Linear(32, 3))

    def forward(self, notes):
        off = np.cumsum([0] + [len(n) for n in notes[:-1]])
        return self.net(self.words(torch.tensor(sum(notes, [])), torch.tensor(off)))


train, dev = tastings[:1300], tastings[1300:]
dev = [d for d in dev if d not in train]
model = Sommelier()
opt = torch.optim.Adam(model.net.parameters(), lr=5e-3)
for epoch in range(12):
    random.shuffle(train)
    for i in range(0, len(train), 25):
        notes, y = zip(*train[i:i + 25])
        loss = nn.functional.cross_entropy(model(list(notes)), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        notes, y = zip(*dev)
        print(f"epoch {epoch} loss {loss.item():.4f} dev {(model(list(notes)).argmax(1) == torch.tensor(y)).float().mean().item():.4f}")
