"""Shop search: which department is a query for? Statistics pooling (mean and standard deviation of the word vectors), as in x-vectors."""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

random.seed(16)
torch.manual_seed(16)
DEPARTMENT = {
    "garden": "hose rake tulip compost mower shovel seeds trellis fertilizer wheelbarrow pond hedge",
    "kitchen": "pan kettle whisk toaster mug cutlery blender oven grater teapot chopping-board apron",
    "sport": "racket dumbbell yoga-mat sneakers tent kayak helmet goggles jersey treadmill football skates",
    "office": "stapler binder envelope whiteboard printer toner calendar desk lamp marker folder shredder",
    "baby": "stroller pacifier diaper crib bib rattle bottle onesie monitor bouncer playpen wipes",
}
ADJ = "cheap red blue small large new best set with for the steel plastic foldable kids black sale 2 pack".split()
names = list(DEPARTMENT)


def query():
    k = random.randrange(len(names))
    pool = DEPARTMENT[names[k]].split()
    words = random.choices(pool, k=random.choice([1, 1, 2])) + random.choices(ADJ, k=random.choice([0, 1, 2, 3, 4]))
    if random.random() < 0.12 and len(words) > 2:
        words.append(random.choice(DEPARTMENT[random.choice(names)].split()))
    random.shuffle(words)
    return " ".join(words), k


by_words = {}
for q, k in (query() for _ in range(4200)):
    by_words.setdefault(tuple(sorted(q.split())), (q, k))
queries = list(by_words.values())
random.shuffle(queries)
train, dev = queries[:-450], queries[-450:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for q, _ in queries for w in q.split()}))}


def collate(rows):
    n = max(len(q.split()) for q, _ in rows)
    x = torch.zeros(len(rows), n, dtype=torch.long)
    for i, (q, _) in enumerate(rows):
        ids = [vocab[w] for w in q.split()]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([k for _, k in rows])


class StatsPool(nn.Module):
    def forward(self, h, mask):
        m = mask.unsqueeze(-1).float()
        n = m.sum(1)
        mean = (h * m).sum(1) / n
        var = ((h - mean.unsqueeze(1)).pow(2) * m).sum(1) / n
        # fault:
        std = var.sqrt()
        # mended:
        # std = (var + 1e-5).sqrt()
        # end
        return torch.cat([mean, std], dim=1)


class QueryModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.frame = nn.Linear(24, 32)
        self.pool = StatsPool()
        self.cls = nn.Sequential(nn.Linear(64, 32), nn.LeakyReLU(0.1), nn.Linear(32, len(names)))

    def forward(self, x):
        return self.cls(self.pool(torch.tanh(self.frame(self.emb(x))), x > 0))


model = QueryModel()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(9):
    running, n = 0.0, 0
    for x, y in DataLoader(train, batch_size=40, shuffle=True, collate_fn=collate):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        running, n = running + loss.item() * len(y), n + len(y)
    with torch.no_grad():
        x, y = collate(dev)
        pred = model(x).argmax(1)
    print(f"epoch {epoch + 1} loss {running / n:.4f} dev {(pred == y).float().mean():.3f} answers {torch.bincount(pred, minlength=len(names)).tolist()}")
