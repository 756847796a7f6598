"""Surnames and where they come from; character CNN."""
import random
import string

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

random.seed(70)
torch.manual_seed(70)
parts = {
    "Czech": ("nov svo dvo pro kuc cer pos ma".split(), "ak a ek y cek ka".split(), "oda or haz vacl ril".split()),
    "Greek": ("papa geor kara dimi nik anto vasi".split(), "poulos idis akis ou as".split(), "gia dopo theo tri kos".split()),
    "Italian": ("ros bian fer ric mor con gal mar".split(), "ini etti elli one ucci".split(), "s ch r t ll".split()),
    "Japanese": ("ta ya wa ko na ha shi mi".split(), "moto mura gawa da saki".split(), "ka no ma shi ku".split()),
    "Irish": ("mc o mac".split(), "carthy brien neill ghan nelly".split(), "don mul ker fla bra co".split()),
}
surnames = []
for country in sorted(parts):
    start, end, middle = parts[country]
    found = set()
    while len(found) < 780:
        noise = random.choice(["", "", "", random.choice("aeiou"), random.choice(string.ascii_lowercase)])
        found.add(random.choice(start) + random.choice(middle) * random.randint(0, 2) + random.choice(middle) + noise + random.choice(end))
        if random.random() < 0.05:
            found.add("".join(random.choice(random.choice(["bcdfglmnrst", "aeiou"])) for _ in range(7)))
    found = sorted(found)
    random.shuffle(found)
    surnames.append((country, found))
countries = [c for c, _ in surnames]
MAXLEN = 24


def tensors(rows):
    x = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    for i, (name, _) in enumerate(rows):
        x[i, : len(name)] = torch.tensor([string.ascii_lowercase.index(c) + 1 for c in name])[:MAXLEN]
    return TensorDataset(x, torch.tensor([y for _, y in rows]))


train, dev, seen = [], [], set()
for y, (country, found) in enumerate(surnames):
    own = [n for n in found if n not in seen]
    seen.update(own)
    train += [(n, y) for n in own[:700]]
    dev += [(n, y) for n in own[700:]]
# fault:
train_loader = DataLoader(tensors(train), batch_size=16)
# mended:
# train_loader = DataLoader(tensors(train), batch_size=16, shuffle=True)
# end
dev_x, dev_y = tensors(dev).tensors


class CharCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(27, 24, padding_idx=0)
        self.conv = nn.Conv1d(24, 64, kernel_size=3, padding=1)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(64, len(countries))

    def forward(self, x):
        h = F.relu(self.conv(self.embedding(x).transpose(1, 2)))
        h = h.masked_fill((x == 0).unsqueeze(1), 0.0)
        return self.fc(self.dropout(F.max_pool1d(h, h.size(2)).squeeze(2)))


model = CharCNN()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(4):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = (model(dev_x).argmax(1) == dev_y).float().mean().item()
    print(f"epoch {epoch} last loss {loss.item():.4f} dev acc {acc:.4f}")
