"""Recipe text -> standardised nutrient profile (12 values per dish)."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(4)
torch.manual_seed(4)
INGREDIENTS = [f"{a}{b}" for a in "ba ki mo re su ta ve lo pi du".split() for b in "nut oil leaf corn bean root".split()]
profile = torch.randn(len(INGREDIENTS), 12) * torch.rand(len(INGREDIENTS), 1) * 2
AMOUNT = {"little": 0.5, "some": 1.0, "much": 2.0}
WORDS = {w: i + 1 for i, w in enumerate(INGREDIENTS + list(AMOUNT) + ["with", "and", "fry", "boil", "then"])}


class Recipes(Dataset):
    def __init__(self, n):
        self.rows = []
        for _ in range(n):
            text, y = [random.choice(["fry", "boil"])], torch.zeros(12)
            for _ in range(random.randint(2, 6)):
                k, a = random.randrange(len(INGREDIENTS)), random.choice(list(AMOUNT))
                text += [a, INGREDIENTS[k], random.choice(["with", "and", "then"])]
                y += AMOUNT[a] * profile[k]
            self.rows.append((text[:-1], y))

    def standardise(self, mean, std):
        self.rows = [(t, (y - mean) / std) for t, y in self.rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        t, y = self.rows[i]
        return [WORDS[w] for w in t], y


def collate(rows):
    longest = max(len(t) for t, _ in rows)
    return {"ids": torch.tensor([t + [0] * (longest - len(t)) for t, _ in rows]), "profile": torch.stack([y for _, y in rows])}


class DishNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.word = nn.Embedding(len(WORDS) + 1, 48, padding_idx=0)
        self.conv = nn.Conv1d(48, 96, 3, padding=1)
        self.out = nn.Sequential(nn.Linear(96, 64), nn.Tanh(), nn.Linear(64, 12))

    def forward(self, ids):
        x = torch.relu(self.conv(self.word(ids).transpose(1, 2)))
        return self.out((x * (ids != 0).unsqueeze(1)).sum(2) / 6)


train, dev = Recipes(3000), Recipes(400)
ys = torch.stack([y for _, y in train.rows])
mean, std = ys.mean(0), ys.std(0)
train.standardise(mean, std)
dev.standardise(mean, std)
net = DishNet()
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    for b in DataLoader(train, batch_size=40, shuffle=True, collate_fn=collate):
        loss = criterion(net(b["ids"]), b["profile"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        b = collate([dev[i] for i in range(len(dev))])
        out = net(b["ids"])
        r2 = 1 - (out - b["profile"]).pow(2).mean() / b["profile"].var(0).mean()
    print(f"epoch {epoch} train loss {loss.item():.4f} dev R2 {r2.item():.4f}")
