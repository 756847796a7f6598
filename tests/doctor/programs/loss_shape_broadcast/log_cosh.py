"""How many minutes does a recipe take? GRU over its steps, log-cosh loss."""
import math
import random

import torch
from torch import nn

random.seed(51)
torch.manual_seed(51)
minutes = {"chop": 4, "fry": 9, "bake": 35, "boil": 12, "rest": 20, "stir": 3, "grill": 15}
plain = "then the it in a pan with salt".split()
ids = {w: i + 1 for i, w in enumerate(list(minutes) + plain)}


def recipe():
    t, total = [], 0
    for _ in range(random.randint(2, 5)):
        w = random.choice(list(minutes))
        total += minutes[w]
        t += [w] + random.choices(plain, k=random.randint(1, 3))
    return torch.tensor([ids[w] for w in t]), total / 20


def log_cosh(prediction, target):
    d = prediction - target
    return (d + nn.functional.softplus(-2 * d) - math.log(2)).mean()


class Minutes(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, 20, padding_idx=0)
        self.gru = nn.GRU(20, 32, batch_first=True)
        self.out = nn.Linear(32, 1)

    def forward(self, seqs):
        packed = nn.utils.rnn.pack_sequence(seqs, enforce_sorted=False)
        packed = packed._replace(data=self.emb(packed.data))
        return self.out(self.gru(packed)[1][0])


rows = [recipe() for _ in range(1000)]
model = Minutes()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(8):
    train = random.sample(rows[:800], 800)
    total = 0.0
    for i in range(0, 800, 25):
        x, y = zip(*train[i:i + 25])
        # fault:
        loss = log_cosh(model(x), torch.tensor(y))
        # mended:
        # loss = log_cosh(model(x).squeeze(1), torch.tensor(y))
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        x, y = zip(*rows[800:])
        err = (model(x)[:, 0] - torch.tensor(y)).abs().mean() * 20
    print(f"epoch {epoch} loss {total / 32:.4f} off by {err:.1f} minutes")
