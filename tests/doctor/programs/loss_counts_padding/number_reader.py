"""Digits of dictated sums of money (some words are lost in noise); everything is padded to a fixed length."""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

random.seed(12)
torch.manual_seed(12)
units = "zero one two three four five six seven eight nine".split()
words = ["<pad>", "and", "euro", "cents", "about", "exactly", "noise", "minus"] + units
w2i = {w: i for i, w in enumerate(words)}
OUT = "_" + "^$0123456789.-"
MAX_SRC, MAX_TRG = 24, 24


def sample():
    digits = [random.randint(0, 9) for _ in range(random.randint(1, 4))]
    src = [random.choice(["about", "exactly"])] + [units[d] if random.random() > 0.2 else "noise" for d in digits] + ["euro"]
    trg = "".join(map(str, digits))
    if random.random() < 0.4:
        d = random.randint(0, 9)
        src += ["and", units[d], "cents"]
        trg += f".{d}"
    return " ".join(src), trg


class MoneyDataset(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        s, t = self.rows[i]
        s = [w2i[w] for w in s.split()]
        t = [OUT.index(c) for c in "^" + t + "$"]
        return torch.tensor(s + [0] * (MAX_SRC - len(s))), torch.tensor(t + [0] * (MAX_TRG - len(t)))


class Net(nn.Module):
    def __init__(self, hid=64):
        super().__init__()
        self.src_emb = nn.Embedding(len(words), 24, padding_idx=0)
        self.trg_emb = nn.Embedding(len(OUT), 24, padding_idx=0)
        self.enc = nn.GRU(24, hid, batch_first=True)
        self.dec = nn.GRU(24, hid, batch_first=True)
        self.out = nn.Linear(hid, len(OUT))

    def forward(self, src, trg):
        packed = nn.utils.rnn.pack_padded_sequence(self.src_emb(src), (src != 0).sum(1), batch_first=True, enforce_sorted=False)
        h = self.enc(packed)[1]
        return self.out(self.dec(self.trg_emb(trg), h)[0])


rows = sorted({sample() for _ in range(4000)})
random.shuffle(rows)
dev_sources = {s for s, _ in rows[:400]}
dev, train = rows[:400], [r for r in rows[400:] if r[0] not in dev_sources][:2200]
model = Net()
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=0)
# end
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
loader = DataLoader(MoneyDataset(train), batch_size=50, shuffle=True)
for epoch in range(7):
    model.train()
    total = 0
    for src, trg in loader:
        optimizer.zero_grad()
        output = model(src, trg[:, :-1])
        loss = criterion(output.reshape(-1, len(OUT)), trg[:, 1:].reshape(-1))
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        src, trg = next(iter(DataLoader(MoneyDataset(dev), batch_size=len(dev))))
        hit = model(src, trg[:, :-1]).argmax(2) == trg[:, 1:]
        # fault:
        acc = hit.float().mean()
        # mended:
        # acc = hit[trg[:, 1:] != 0].float().mean()
        # end
    print(f"Epoch {epoch + 1} train loss {total / len(loader):.4f} next-character accuracy {acc:.4f}")
