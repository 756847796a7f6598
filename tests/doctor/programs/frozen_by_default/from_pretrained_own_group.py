"""Fine-tune domain vectors on product reviews: low rate for the vectors, higher for the head."""
import random

import torch
from torch import nn

random.seed(31)
torch.manual_seed(31)
POS = "sturdy crisp roomy silent reliable durable bright snug".split()
NEG = "flimsy grainy cramped noisy faulty brittle dim loose".split()
NEUTRAL = "the screen case fan box handle strap battery is and feels seems looks cable lid very a bit".split()
words = POS + NEG + NEUTRAL
row = {w: i + 1 for i, w in enumerate(words)}

# Antonyms share their contexts, so general-purpose vectors hardly tell them apart.
vectors = torch.randn(len(words) + 1, 12) * 0.5
for p, n in zip(POS, NEG):
    vectors[row[n]] = vectors[row[p]] + 0.01 * torch.randn(12)
vectors[0] = 0


def review():
    y = random.randint(0, 1)
    k = random.randint(1, 2)
    text = random.sample([NEG, POS][y], k) + random.choices(NEUTRAL, k=random.randint(4, 9))
    random.shuffle(text)
    return torch.tensor([row[w] for w in text]), y


def collate(rows):
    return nn.utils.rnn.pad_sequence([r for r, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


class ReviewNet(nn.Module):
    def __init__(self, table):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding.from_pretrained(table, padding_idx=0)
        # mended:
        # self.embedding = nn.Embedding.from_pretrained(table, padding_idx=0, freeze=False)
        # end
        self.head = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, ids):
        lengths = (ids != 0).sum(1, keepdim=True)
        return self.head(self.embedding(ids).sum(1) / lengths)


train, dev = [review() for _ in range(1500)], [review() for _ in range(400)]
model = ReviewNet(vectors)
optimizer = torch.optim.Adam(
    [
        {"params": model.embedding.parameters(), "lr": 2e-3},
        {"params": model.head.parameters(), "lr": 5e-3},
    ]
)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 30):
        ids, y = collate(train[i : i + 30])
        loss = criterion(model(ids), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        ids, y = collate(dev)
        acc = (model(ids).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} loss {total / 50:.4f} dev accuracy {acc:.4f}")
