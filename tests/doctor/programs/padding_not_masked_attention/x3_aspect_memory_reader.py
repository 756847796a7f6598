"""One-hop memory reader: a product has a handful of short remarks (aspect word, opinion word); asked for an aspect, give the
mean rating of the remarks about it. Every aspect has several names."""
import math

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, Sampler

torch.manual_seed(2)
ASPECTS, NAMES, OPINIONS = 5, 4, 41
RATING = torch.linspace(-1, 1, OPINIONS)[torch.randperm(OPINIONS)]


class Products(Dataset):
    def __init__(self, n):
        self.rows = []
        for _ in range(n):
            size = int(torch.randint(3, 11, (1,)))
            if torch.rand(1) < 0.06:           # the few that everybody writes about
                size = 20 * int(torch.randint(2, 5, (1,)))
            kind = torch.randint(ASPECTS, (size,))
            name = kind * NAMES + torch.randint(NAMES, (size,))
            opinion = torch.randint(OPINIONS, (size,))
            asked = kind[int(torch.randint(size, (1,)))]
            y = RATING[opinion[kind == asked]].mean()
            self.rows.append((name + 1, opinion + 1, asked, y))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


class LengthBuckets(Sampler):
    """Batches of rows of one length, in random order."""

    def __init__(self, data, size):
        self.lengths = torch.tensor([len(r[0]) for r in data.rows])
        self.size = size

    def batches(self):
        for n in self.lengths.unique():
            members = (self.lengths == n).nonzero().squeeze(1)
            yield from members[torch.randperm(len(members))].split(self.size)

    def __len__(self):
        return sum(1 for _ in self.batches())

    def __iter__(self):
        batches = list(self.batches())
        for k in torch.randperm(len(batches)).tolist():
            yield batches[k].tolist()


def collate(rows):
    names = nn.utils.rnn.pad_sequence([r[0] for r in rows], batch_first=True)
    opinions = nn.utils.rnn.pad_sequence([r[1] for r in rows], batch_first=True)
    return {"names": names, "opinions": opinions, "asked": torch.stack([r[2] for r in rows]),
            "y": torch.stack([r[3] for r in rows])}


class MemoryReader(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.key = nn.Embedding(ASPECTS * NAMES + 1, d, padding_idx=0)
        self.value = nn.Embedding(OPINIONS + 1, d, padding_idx=0)
        self.query = nn.Embedding(ASPECTS, d)
        self.to_key, self.to_value = nn.Linear(d, d), nn.Linear(d, d)
        self.read = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, 1))

    def forward(self, names, opinions, asked):
        k = self.to_key(self.key(names))
        v = self.to_value(self.value(opinions))
        scores = torch.einsum("bd,bmd->bm", self.query(asked), k) / math.sqrt(k.size(-1))
        # fault:
        weights = scores.softmax(dim=-1)
        # mended:
        # weights = scores.masked_fill(names == 0, float("-inf")).softmax(dim=-1)
        # end
        return self.read(torch.einsum("bm,bmd->bd", weights, v)).squeeze(-1)


train_set, dev_set = Products(3000), Products(600)
train_loader = DataLoader(train_set, batch_sampler=LengthBuckets(train_set, 50), collate_fn=collate)
dev_loader = DataLoader(dev_set, batch_size=200, collate_fn=collate)
net = MemoryReader()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [6, 8], gamma=0.3)
loss_fn = nn.MSELoss()


def evaluate(loader):
    net.eval()
    pred, gold = [], []
    with torch.no_grad():
        for b in loader:
            gold.append(b.pop("y"))
            pred.append(net(**b))
    pred, gold = torch.cat(pred), torch.cat(gold)
    mse = (pred - gold).pow(2).mean()
    return mse.item(), (1 - mse / gold.var(unbiased=False)).item()


for epoch in range(9):
    net.train()
    total = 0.0
    for b in train_loader:
        y = b.pop("y")
        loss = loss_fn(net(**b), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    scheduler.step()
    mse, r2 = evaluate(dev_loader)
    print(f"epoch {epoch}: train mse {total / len(train_loader):.4f}  dev mse {mse:.4f}  dev R2 {r2:.3f}")
