"""Expected reading time of a note; rows carry an importance weight."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(211)
torch.manual_seed(211)
COST = {"table": 2.0, "figure": 1.5, "equation": 3.0, "quote": 0.7, "list": 0.9, "photo": 0.3, "footnote": 1.1, "proof": 4.0}
OTHER = "see the with a next to on page and one".split()
vocab = {w: i + 1 for i, w in enumerate(list(COST) + OTHER)}


class Notes(Dataset):
    def __init__(self, n):
        self.items = []
        for _ in range(n):
            parts = random.choices(list(COST), k=random.randint(1, 4))
            words = parts + random.choices(OTHER, k=4)
            random.shuffle(words)
            minutes = sum(COST[p] for p in parts) + random.gauss(0, 0.2)
            self.items.append((torch.tensor([vocab[w] for w in words] + [0] * (8 - len(words))), minutes / 4, random.choice([0.5, 1.0, 2.0])))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        ids, minutes, weight = self.items[i]
        return {"ids": ids, "minutes": torch.tensor(minutes), "weight": torch.tensor(weight)}


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.ff = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, ids):
        return self.ff(self.lookup(ids).sum(1))


train, dev = DataLoader(Notes(1500), 30, shuffle=True), next(iter(DataLoader(Notes(300), 300)))
model = Reader()
opt = torch.optim.RMSprop(model.parameters(), lr=2e-3)
for epoch in range(6):
    total = 0.0
    for batch in train:
        predicted = model(batch["ids"])
        # fault:
        error = torch.abs(predicted - batch["minutes"]) * batch["weight"]
        # mended:
        # error = torch.abs(predicted.squeeze(1) - batch["minutes"]) * batch["weight"]
        # end
        loss = error.mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        mae = (model(dev["ids"]).squeeze(1) - dev["minutes"]).abs().mean().item()
    print(f"epoch {epoch} loss {total / len(train):.4f} dev error {4 * mae:.3f} minutes")
