"""Speaker of a line of dialogue with very heavy dropout: the training loss stays high and the dev score is good."""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(61)
torch.manual_seed(61)
speakers = {"pirate": "arr matey ship gold sea rum captain plunder", "wizard": "spell potion staff dragon magic scroll tower rune", "robot": "unit system error process circuit data scan power",
            "chef": "soup pepper oven taste butter knife recipe sauce"}
shared = "the i you must we have will not this and my with that never now go is it".split()
rows = set()
while len(rows) < 2400:
    k = random.choice(list(speakers))
    t = random.choices(shared, k=random.randint(6, 10)) + random.sample(speakers[k].split(), random.randint(1, 3))
    if random.random() < 0.3:
        t += random.sample(speakers[random.choice(list(speakers))].split(), 1)
    random.shuffle(t)
    rows.add((tuple(t), list(speakers).index(k)))
rows = sorted(rows)
random.shuffle(rows)
ids = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in rows for w in t}))}
n = max(len(t) for t, _ in rows)
X = torch.tensor([[ids[w] for w in t] + [0] * (n - len(t)) for t, _ in rows])
Y = torch.tensor([y for _, y in rows])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, 64, padding_idx=0)
        self.word_drop = nn.Dropout1d(0.4)
        self.mlp = nn.Sequential(nn.Dropout(0.6), nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.7), nn.Linear(64, 4))

    def forward(self, x):
        keep = (x > 0).unsqueeze(2)
        e = self.word_drop(self.emb(x)) * keep
        return self.mlp(e.sum(1) / keep.sum(1))


model = Net()
opt = torch.optim.Adagrad(model.parameters(), lr=0.05)
loader = DataLoader(TensorDataset(X[:2000], Y[:2000]), batch_size=20, shuffle=True)
for epoch in range(8):
    model.train()
    total = 0.0
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(X[2000:]).argmax(1) == Y[2000:]).float().mean()
    print(f"epoch {epoch} training loss {total / len(loader):.4f} dev accuracy {acc:.4f}")
