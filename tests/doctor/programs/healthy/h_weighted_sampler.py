"""Smoke alarms: 4 % of the reports are fires. Fires are drawn as often as the rest, on purpose; scored on the natural mix."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler

random.seed(202)
torch.manual_seed(202)
fire = "smoke flames burning hot sirens evacuated scorched blaze".split()
toast = "toast steam dust battery beep test candle shower".split()
both = [f"room{i}" for i in range(50)]
stoi = {w: i for i, w in enumerate(fire + toast + both)}


def report():
    y = int(random.random() < 0.04)
    a, b = (fire, toast) if y else (toast, fire)
    t = [random.choice(a) if random.random() < 0.8 else random.choice(b) for _ in range(random.randint(2, 4))] + random.choices(both, k=random.randint(2, 6))
    random.shuffle(t)
    return t, y


class Reports(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        t, y = self.rows[i]
        return torch.tensor([stoi[w] for w in t]), y


def collate(rows):
    x, y = zip(*rows)
    return torch.cat(x), torch.tensor([0] + [len(t) for t in x[:-1]]).cumsum(0), torch.tensor(y)


rows = [report() for _ in range(4000)]
train = rows[:3000]
seen = {" ".join(t) for t, _ in train}
dev = [r for r in rows[3000:] if " ".join(r[0]) not in seen]
share = sum(y for _, y in train) / len(train)
sampler = WeightedRandomSampler([1 / share if y else 1 / (1 - share) for _, y in train], len(train))
loader = DataLoader(Reports(train), batch_size=40, sampler=sampler, collate_fn=collate)


class Alarm(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(stoi), 16, mode="sum")
        self.fc = nn.Linear(16, 2)

    def forward(self, x, starts):
        return self.fc(self.emb(x, starts))


net = Alarm()
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-3)
dx, ds, dy = collate([Reports(dev)[i] for i in range(len(dev))])
for epoch in range(5):
    for x, s, y in loader:
        loss = nn.functional.cross_entropy(net(x, s), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        p = net(dx, ds).argmax(1)
        recalls = [(p[dy == k] == k).float().mean().item() for k in (0, 1)]
    print(f"epoch {epoch} loss {loss.item():.4f} recall of rest {recalls[0]:.3f} and of fires {recalls[1]:.3f}")
