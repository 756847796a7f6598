"""Difficulty of maths exercises from their wording; the export is ORDER BY difficulty."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(64)
torch.manual_seed(64)
hard = {f"h{i}": random.uniform(0.5, 2) for i in range(40)}
easy = {f"e{i}": -random.uniform(0.5, 2) for i in range(40)}
weight = {**hard, **easy, **{f"n{i}": 0.0 for i in range(60)}}
words = list(weight)
stoi = {w: i + 1 for i, w in enumerate(words)}


def exercise():
    lean = random.random()
    t = []
    for _ in range(random.randint(6, 14)):
        group = random.choices([hard, easy, words[80:]], [lean, 1 - lean, 0.8])[0]
        t.append(random.choice(list(group)))
    return t, sum(weight[w] for w in t) / len(t)


class Exercises(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        t, y = self.rows[i]
        return torch.tensor([stoi[w] for w in t]), y


def collate(rows):
    x = nn.utils.rnn.pad_sequence([r[0] for r in rows], batch_first=True)
    return {"x": x, "len": torch.tensor([len(r[0]) for r in rows]), "y": torch.tensor([r[1] for r in rows])}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi) + 1, 24, padding_idx=0)
        self.gru = nn.GRU(24, 32, batch_first=True)
        self.out = nn.Linear(32, 1)

    def forward(self, b):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(b["x"]), b["len"], batch_first=True, enforce_sorted=False)
        return self.out(self.gru(packed)[1][0]).squeeze(1)


rows = [exercise() for _ in range(1500)]
train, dev = rows[:1200], rows[1200:]
train.sort(key=lambda r: r[1])
# fault:
loader = DataLoader(Exercises(train), batch_size=20, collate_fn=collate)
# mended:
# loader = DataLoader(Exercises(train), batch_size=20, shuffle=True, collate_fn=collate)
# end
held = collate([Exercises(dev)[i] for i in range(len(dev))])
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(8):
    mean = 0.0
    for batch in loader:
        loss = nn.functional.mse_loss(net(batch), batch["y"])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        mean += loss.item() / len(loader)
    with torch.no_grad():
        mse = nn.functional.mse_loss(net(held), held["y"])
    print(f"epoch {epoch} loss {mean:.4f} dev mse {mse.item():.4f} (variance {held['y'].var().item():.4f})")
