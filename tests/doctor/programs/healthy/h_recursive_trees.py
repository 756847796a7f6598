"""Signs of nested expressions like ( not ( good and ( bad or good ) ) ): a recursive net, one tree at a time, 16 trees to an update."""
import random

import torch
from torch import nn

random.seed(209)
torch.manual_seed(209)
leaves = {f"good{i}": 1 for i in range(6)} | {f"bad{i}": 0 for i in range(6)}
names = list(leaves) + ["and", "or", "not"]
stoi = {w: i for i, w in enumerate(names)}


def tree(depth):
    if depth == 0 or random.random() < 0.2:
        return random.choice(list(leaves))
    if random.random() < 0.25:
        return ("not", tree(depth - 1))
    return (random.choice(["and", "or"]), tree(depth - 1), tree(depth - 1))


def value(t):
    if isinstance(t, str):
        return leaves[t]
    if t[0] == "not":
        return 1 - value(t[1])
    return value(t[1]) & value(t[2]) if t[0] == "and" else value(t[1]) | value(t[2])


class Recursive(nn.Module):
    def __init__(self, d=20):
        super().__init__()
        self.word = nn.Embedding(len(stoi), d)
        self.join = nn.Sequential(nn.Linear(3 * d, 40), nn.ReLU(), nn.Linear(40, d), nn.Tanh())
        self.sign = nn.Linear(d, 1)

    def node(self, t):
        if isinstance(t, str):
            return torch.tanh(self.word.weight[stoi[t]])
        kids = [self.node(k) for k in t[1:]]
        return self.join(torch.cat([self.word.weight[stoi[t[0]]], kids[0], kids[-1]]))

    def forward(self, t):
        return self.sign(self.node(t)).squeeze(0)


bank = list({tree(3): None for _ in range(1500)})
random.shuffle(bank)
train, dev = bank[:500], bank[500:700]
net = Recursive()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
for epoch in range(6):
    random.shuffle(train)
    opt.zero_grad()
    total = 0.0
    for i, t in enumerate(train, 1):
        loss = nn.functional.binary_cross_entropy_with_logits(net(t), torch.tensor(float(value(t))))
        (loss / 16).backward()
        total += loss.item()
        if i % 16 == 0 or i == len(train):
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            opt.step()
            opt.zero_grad()
    with torch.no_grad():
        hits = sum((net(t) > 0).item() == bool(value(t)) for t in dev)
    print(f"epoch {epoch} loss {total / len(train):.4f} dev {hits / len(dev):.4f}")
