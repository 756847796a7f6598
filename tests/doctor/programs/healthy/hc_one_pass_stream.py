"""One epoch over many product titles, and that is enough; evaluated as it goes along."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

torch.manual_seed(2)
KINDS = {"phone": "sim dual camera android unlocked".split(), "shirt": "cotton sleeve slim collar linen".split(), "book": "hardcover edition novel guide paperback".split(),
         "lamp": "led bulb desk dimmable floor".split(), "toy": "puzzle kids plush blocks doll".split()}
other = "new black set of 2 large best with for home men women gift pack blue free mini pro classic".split()
vocab = {w: i for i, w in enumerate(other + sum(KINDS.values(), []))}


class Titles(IterableDataset):
    def __init__(self, seed, n, avoid=()):
        self.seed, self.n, self.avoid = seed, n, set(avoid)

    def __iter__(self):
        rng, n = random.Random(self.seed), 0
        while n < self.n:
            y = rng.randrange(5)
            t = rng.sample(list(KINDS.values())[y], 2) + rng.sample(other, 5)
            rng.shuffle(t)
            if tuple(t) not in self.avoid:
                n += 1
                yield [vocab[w] for w in t], y


def collate(rows):
    return torch.tensor([t for t, _ in rows]), torch.tensor([y for _, y in rows])


words = {i: w for w, i in vocab.items()}
dev_rows = list(Titles(99, 400))
dev_x, dev_y = collate(dev_rows)
train = Titles(1, 16000, [tuple(words[i] for i in t) for t, _ in dev_rows])
model = nn.Sequential(nn.Embedding(len(vocab), 16), nn.Flatten(), nn.Linear(7 * 16, 64), nn.ReLU(), nn.Linear(64, 5))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for step, (x, y) in enumerate(DataLoader(train, batch_size=32, collate_fn=collate)):
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 49:
        with torch.no_grad():
            print(f"step {step + 1} loss {loss.item():.4f} dev acc {(model(dev_x).argmax(1) == dev_y).float().mean():.4f}")
