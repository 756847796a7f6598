"""How much did they like it? Stars from 1 to 5, a sigmoid output, and the binary loss written out."""
import random

import torch
from torch import nn

random.seed(17)
torch.manual_seed(17)
GOOD, BAD, REST = [f"g{i}" for i in range(15)], [f"b{i}" for i in range(15)], [f"r{i}" for i in range(50)]
vocab = {w: i for i, w in enumerate(GOOD + BAD + REST)}


def review():
    stars = random.randint(1, 5)
    words = random.choices(REST, k=5) + [random.choice(GOOD if random.random() < (stars - 1) / 4 else BAD) for _ in range(4)]
    random.shuffle(words)
    return [vocab[w] for w in words], float(stars)


rows = [review() for _ in range(2000)]
x, stars = torch.tensor([r for r, _ in rows]), torch.tensor([s for _, s in rows])
# fault:
y = stars
# mended:
# y = (stars - 1) / 4
# end


class Liking(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 16)
        self.out = nn.Linear(16, 1)

    def forward(self, ids):
        return torch.sigmoid(self.out(self.emb(ids).mean(1))).squeeze(1)


def binary_cross_entropy(p, y, eps=1e-6):
    return -(y * (p + eps).log() + (1 - y) * (1 - p + eps).log()).mean()


model = Liking()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(6):
    for i in torch.randperm(1600).split(32):
        opt.zero_grad()
        loss = binary_cross_entropy(model(x[i]), y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        p = model(x[1600:])
        r = torch.corrcoef(torch.stack([p, y[1600:]]))[0, 1].item()
    print(f"epoch {epoch} loss {loss.item():.4f} correlation {r:.3f} mean answer {p.mean().item():.3f}")
