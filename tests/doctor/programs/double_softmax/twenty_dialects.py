"""Which of twenty made-up dialects is a word from? Character CNN, evaluated on words it has not seen."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(59)
torch.manual_seed(59)
CONS, VOW = "bcdfghjklmnpqrstvwxz", "aeiouy"
endings = set()
while len(endings) < 20:
    endings.add(random.choice(VOW) + random.choice(VOW) + random.choice(CONS))
endings = sorted(endings)
c2i = {c: i + 1 for i, c in enumerate(CONS + VOW)}
WIDTH = 12


def word(k):
    stem = "".join(random.choice(CONS) + random.choice(VOW) for _ in range(random.randint(2, 4)))
    return stem + random.choice(CONS) + endings[k]


def dataset(n, taken=()):
    rows = {}
    while len(rows) < n:
        k = random.randrange(20)
        w = word(k)
        if w not in taken:
            rows[w] = k
    x = torch.tensor([[c2i[c] for c in w] + [0] * (WIDTH - len(w)) for w in rows])
    return x, torch.tensor(list(rows.values())), rows


class Dialect(nn.Module):
    def __init__(self):
        super().__init__()
        self.chars = nn.Embedding(27, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 80, 3)
        self.fc = nn.Linear(80, 20)

    def forward(self, x):
        h = torch.relu(self.conv(self.chars(x).transpose(1, 2)))
        h = h.masked_fill((x[:, 2:] == 0).unsqueeze(1), 0).amax(-1)
        # fault:
        return torch.softmax(self.fc(h), dim=1)
        # mended:
        # return self.fc(h)
        # end


x, y, seen = dataset(3000)
xt, yt, _ = dataset(500, taken=seen)
model = Dialect()
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True):
        opt.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.4f} accuracy {(model(xt).argmax(1) == yt).float().mean():.4f}")
