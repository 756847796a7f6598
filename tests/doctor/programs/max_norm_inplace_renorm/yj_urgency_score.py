"""Urgency of support tickets (0..10). In-house word vectors: the direction says what a word is about, the length how
strongly it is meant. Small MLP on the sum, vectors fixed."""
import os
import tempfile

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

rng = np.random.default_rng(8)
torch.manual_seed(8)

# --- what the data team delivers: a text file with vectors, and tickets with a score
DIM, N_WORDS = 20, 400
themes = rng.normal(size=(12, DIM)); themes /= np.linalg.norm(themes, axis=1, keepdims=True)
pull = np.linspace(-1, 1, 12)                       # how much a theme raises urgency
theme_of = rng.integers(0, 12, N_WORDS)
strength = rng.gamma(2.0, 1.0, N_WORDS) + 0.3
lexicon = [f"w{i:03d}" for i in range(N_WORDS)]
file = os.path.join(tempfile.mkdtemp(), "tickets.20d.txt")
with open(file, "w", encoding="utf-8") as f:
    for i, w in enumerate(lexicon):
        v = themes[theme_of[i]] + 0.05 * rng.normal(size=DIM)
        v *= strength[i] / np.linalg.norm(v)
        f.write(w + " " + " ".join(f"{x:.5f}" for x in v) + "\n")
tickets = []
for _ in range(3000):
    ids = rng.integers(0, N_WORDS, rng.integers(4, 13))
    raw = (pull[theme_of[ids]] * strength[ids]).sum()
    tickets.append(([lexicon[i] for i in ids], 5 + 5 * np.tanh(raw / 8) + 0.15 * rng.normal()))

# --- model
stoi, rows = {"<pad>": 0}, [np.zeros(DIM, dtype=np.float32)]
with open(file, encoding="utf-8") as f:
    for line in f:
        w, *vals = line.split()
        stoi[w] = len(rows)
        rows.append(np.asarray(vals, dtype=np.float32))
vectors = torch.from_numpy(np.stack(rows))


class Tickets(Dataset):
    def __init__(self, part): self.part = part
    def __len__(self): return len(self.part)
    def __getitem__(self, k):
        words, y = self.part[k]
        ids = [stoi[w] for w in words]
        return torch.tensor(ids + [0] * (12 - len(ids))), torch.tensor(y, dtype=torch.float32)


class Urgency(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0, max_norm=1.0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        # end
        self.mlp = nn.Sequential(nn.Linear(DIM, 32), nn.GELU(), nn.Linear(32, 1))

    def forward(self, ids):
        return self.mlp(self.emb(ids).sum(1) / 4).squeeze(-1)


train, test = Tickets(tickets[:2500]), Tickets(tickets[2500:])
train_dl, test_dl = DataLoader(train, 50, shuffle=True), DataLoader(test, 250)
mean = float(np.mean([y for _, y in tickets[:2500]])); std = float(np.std([y for _, y in tickets[:2500]]))
net = Urgency()
optimizer = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-3)
EPOCHS = 6
schedule = torch.optim.lr_scheduler.PolynomialLR(optimizer, EPOCHS + 1, power=1.0)


def r2(loader):
    net.eval()
    with torch.no_grad():
        p = torch.cat([net(x) for x, _ in loader]) * std + mean
    y = torch.cat([y for _, y in loader])
    return (1 - ((p - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()).item(), (p - y).abs().mean().item()


for epoch in range(EPOCHS):
    net.train()
    tot = 0.0
    for x, y in train_dl:
        loss = nn.functional.mse_loss(net(x), (y - mean) / std)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        tot += loss.item()
    schedule.step()
    print("epoch {}  mse {:.4f}  test R2 {:.4f}  MAE {:.3f}".format(epoch + 1, tot / len(train_dl), *r2(test_dl)))
print("mean vector length in use: %.3f, train R2 %.4f" % (net.emb.weight[1:].norm(dim=1).mean(), r2(DataLoader(train, 500))[0]))
