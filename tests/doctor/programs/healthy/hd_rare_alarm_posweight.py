"""Four in a hundred messages report a fault of the machine. The weight of a hit is raised; F1 is reported."""
import random

import torch
from torch import nn

random.seed(57)
torch.manual_seed(57)
alarm = "smoke leak sparks overheating jammed".split()
calm = "shift report all normal pressure stable checked valve pump line three four oil level fine belt cleaned no".split()


def message():
    y = random.random() < 0.04
    words = random.choices(calm, k=random.randint(5, 12))
    if y:
        words.insert(random.randrange(len(words)), random.choice(alarm))
    elif random.random() < 0.05:  # the word is mentioned, but nothing happens
        i = random.randrange(len(words))
        words[i:i] = ["no", random.choice(alarm)]
    return tuple(words), int(y)


rows = list(dict(message() for _ in range(6500)).items())
ids = {w: i + 1 for i, w in enumerate(sorted(set(alarm + calm)))}
n = max(len(t) for t, _ in rows)
X = torch.tensor([[ids[w] for w in t] + [0] * (n - len(t)) for t, _ in rows])
Y = torch.tensor([float(y) for _, y in rows])


class Alarm(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 24, 2)
        self.fc = nn.Linear(24, 1)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(self.emb(x).transpose(1, 2))).amax(2)).squeeze(1)


net = Alarm()
loss_fn = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(8.0))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(9):
    total = 0.0
    for i in torch.randperm(5000).split(50):
        loss = loss_fn(net(X[i]), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        p, t = net(X[5000:]) > 0, Y[5000:] == 1
        f1 = 2 * (p & t).sum() / (p.sum() + t.sum())
    print(f"epoch {epoch} loss {total / 100:.4f} dev F1 {f1:.4f} share of alarms {t.float().mean():.3f}")
