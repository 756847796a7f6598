"""Six of a hundred messages are scams and stay so: no weights, the score is the F1 of the scams."""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(66)
torch.manual_seed(66)
scam = "bitcoin transfer inheritance lottery prince verify passcode giftcard wire".split()
usual = "see you at home for dinner the train is late call me when done can buy milk and bread meeting moved to noon happy birthday love thanks".split()
vocab = {w: i + 1 for i, w in enumerate(sorted(set(scam + usual)))}
texts = {}
while len(texts) < 4000:
    y = random.random() < 0.06
    t = random.choices(usual, k=random.randint(4, 10)) + (random.sample(scam, 2) if y else random.sample(scam, 1) if random.random() < 0.05 else [])
    random.shuffle(t)
    texts[tuple(t)] = float(y)
X = torch.zeros(len(texts), 12, dtype=torch.long)
for i, t in enumerate(texts):
    X[i, : len(t)] = torch.tensor([vocab[w] for w in t])
Y = torch.tensor(list(texts.values()))


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, x):
        return self.mlp(self.emb(x).sum(1)).squeeze(1)  # how many scam words counts, so the sum


model = Bag()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(14):
    for x, y in DataLoader(TensorDataset(X[:3200], Y[:3200]), 40, shuffle=True):
        loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        p, t = model(X[3200:]) > 0, Y[3200:] > 0
    f1 = 2 * (p & t).sum().item() / max(1, p.sum().item() + t.sum().item())
    print(f"epoch {epoch} loss {loss.item():.4f} accuracy {(p == t).float().mean():.4f} scam F1 {f1:.4f}")
