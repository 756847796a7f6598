"""Sentiment attention network under CPU autocast (bfloat16), float32 master weights."""
import random

import torch
from torch import nn

random.seed(12); torch.manual_seed(12)
up, down = "glorious sunny merry tasty smooth".split(), "gloomy bitter broken stale noisy".split()
mid = "the food and room were in a at by our with place quite all it was there".split()


def row(i):
    t = random.choices(mid, k=random.randint(5, 15))
    for w in random.choices((down, up)[i % 2], k=2):
        t.insert(random.randint(0, len(t)), w)
    return t, i % 2


train, dev = [row(i) for i in range(500)], [row(i) for i in range(200)]
stoi = {w: i + 1 for i, w in enumerate(sorted(set(up + down + mid)))}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(stoi) + 1, 16, padding_idx=0)
        self.fc1, self.fc2 = nn.Linear(16, 32), nn.Linear(32, 32)
        self.att, self.out = nn.Linear(32, 1), nn.Linear(32, 2)

    def forward(self, x):
        h = torch.relu(self.fc2(torch.relu(self.fc1(self.emb(x)))))
        a = self.att(h).squeeze(-1).float().masked_fill(x == 0, float("-inf")).softmax(-1)
        return self.out((a.unsqueeze(-1) * h).sum(1))


def batch(rows):
    n = max(len(t) for t, _ in rows)
    return torch.tensor([[stoi[w] for w in t] + [0] * (n - len(t)) for t, _ in rows]), torch.tensor([y for _, y in rows])


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(7):
    random.shuffle(train)
    tot = 0
    for i in range(0, 500, 25):
        x, y = batch(train[i:i + 25])
        opt.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = net(x)
        loss = nn.functional.cross_entropy(out.float(), y)
        loss.backward()
        opt.step()
        tot += loss.item() / 20
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        x, y = batch(dev)
        acc = (net(x).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} loss {tot:.4f} dev accuracy {acc:.4f}")
