"""FAQ retrieval: unit-length question vectors, known words only."""
import random

import torch
from torch import nn

random.seed(10)
torch.manual_seed(10)
FAQ = {
    "reset password": "forgot password login reset access".split(),
    "track parcel": "parcel tracking courier shipment late".split(),
    "refund": "money refund return charged twice".split(),
    "opening hours": "open hours close sunday holiday".split(),
    "vouchers": "voucher coupon code discount gift".split(),
}
STOP = set("how do i my the a can you is it to please when where what did".split())
SPAM = ["hello", "test", "???", "anyone there"]
known = sorted({w for ws in FAQ.values() for w in ws})
lookup = {w: i + 1 for i, w in enumerate(known)}


def question(with_chatter=True):
    y = random.randrange(len(FAQ))
    if with_chatter and random.random() < 0.02:
        return random.choice(SPAM).split(), y
    words = random.choices(sorted(STOP), k=4) + random.choices(list(FAQ.values())[y], k=random.randint(1, 3))
    random.shuffle(words)
    return words, y


def encode(questions):
    ids = [[lookup[w] for w in words if w in lookup] for words, _ in questions]
    width = max(1, max(len(r) for r in ids))
    return torch.tensor([r + [0] * (width - len(r)) for r in ids]), torch.tensor([y for _, y in questions])


class Retriever(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.words = nn.Embedding(len(known) + 1, dim, padding_idx=0)
        self.answers = nn.Parameter(torch.randn(len(FAQ), dim))

    def forward(self, ids):
        q = self.words(ids).sum(1)
        # fault:
        q = q / torch.sqrt((q**2).sum(dim=1, keepdim=True))
        # mended:
        # q = q / torch.sqrt((q**2).sum(dim=1, keepdim=True) + 1e-8)
        # end
        a = self.answers / self.answers.norm(dim=1, keepdim=True)
        return 8 * q @ a.T


model = Retriever()
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
train = [question() for _ in range(1600)]
dev = [question(False) for _ in range(300)]
for epoch in range(4):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        ids, y = encode(train[i : i + 32])
        loss = nn.functional.cross_entropy(model(ids), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        ids, y = encode(dev)
        print(f"epoch {epoch} loss {total / 50:.4f} dev acc {(model(ids).argmax(1) == y).float().mean():.4f}")
