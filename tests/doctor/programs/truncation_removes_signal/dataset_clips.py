"""Is the complaint settled? Letters say it near their end; a Dataset clips ids while it numericalises."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(24)
torch.manual_seed(24)
settled, not_settled = [f"ok{i}" for i in range(8)], [f"no{i}" for i in range(8)]
plain = [f"w{i}" for i in range(60)]


def letter():
    y = random.randrange(2)
    t = random.choices(plain, k=random.randint(14, 26)) + random.choices((not_settled, settled)[y], k=2) + random.choices(plain, k=random.randint(1, 3))
    return " ".join(t), y


letters = [letter() for _ in range(1200)]


class Letters(Dataset):
    # fault:
    limit = 12
    # mended:
    # limit = 40
    # end

    def __init__(self, rows, vocab):
        self.ids = [[vocab.setdefault(w, len(vocab) + 1) for w in t.split()][: self.limit] for t, _ in rows]
        self.y = [y for _, y in rows]

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return {"ids": torch.tensor(self.ids[i]), "y": self.y[i]}


def collate(items):
    flat = torch.cat([d["ids"] for d in items])
    offsets = torch.tensor([0] + [len(d["ids"]) for d in items[:-1]]).cumsum(0)
    return flat, offsets, torch.tensor([d["y"] for d in items])


vocab = {}
train, dev = Letters(letters[:1000], vocab), Letters(letters[1000:], vocab)
bag, head = nn.EmbeddingBag(len(vocab) + 1, 16), nn.Linear(16, 2)
opt = torch.optim.Adam([*bag.parameters(), *head.parameters()], lr=1e-2)
for epoch in range(6):
    for flat, offsets, y in DataLoader(train, 20, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(head(bag(flat, offsets)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        flat, offsets, y = next(iter(DataLoader(dev, 200, collate_fn=collate)))
        print(epoch, round(loss.item(), 3), (head(bag(flat, offsets)).argmax(1) == y).float().mean().item())
