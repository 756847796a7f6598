"""Three small taggers, one for each kind of text, chosen by the text's heading: an expert gets a gradient only when its texts are in the batch."""
import random

import torch
from torch import nn

random.seed(207)
torch.manual_seed(207)
KINDS = ["LETTER", "POEM", "LAW"]
words = [f"w{i}" for i in range(60)]
meaning = {k: {w: random.randrange(3) for w in words} for k in KINDS}      # the same word means something else in each kind
stoi = {w: i for i, w in enumerate(words)}


def text():
    k = random.randrange(3)
    t = random.choices(words, k=random.randint(4, 9))
    return k, [stoi[w] for w in t], [meaning[KINDS[k]][w] for w in t]


class Experts(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.shared = nn.Embedding(len(words), d)
        self.experts = nn.ModuleDict({k: nn.Sequential(nn.Linear(d, 32), nn.Tanh(), nn.Linear(32, 3)) for k in KINDS})

    def forward(self, kind, ids):
        return self.experts[KINDS[kind]](self.shared(torch.tensor(ids)))


data = [text() for _ in range(700)]
train, dev = data[:500], data[500:]
net = Experts()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(8):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 4):
        opt.zero_grad(set_to_none=True)
        part = train[i:i + 4]
        n = sum(len(ids) for _, ids, _ in part)
        loss = sum(nn.functional.cross_entropy(net(k, ids), torch.tensor(tags), reduction="sum") for k, ids, tags in part) / n
        loss.backward()
        opt.step()
        total += loss.item() * len(part) / len(train)
    with torch.no_grad():
        hit = sum((net(k, ids).argmax(1) == torch.tensor(tags)).sum().item() for k, ids, tags in dev) / sum(len(ids) for _, ids, _ in dev)
    print(f"epoch {epoch} loss {total:.4f} dev {hit:.4f}")
