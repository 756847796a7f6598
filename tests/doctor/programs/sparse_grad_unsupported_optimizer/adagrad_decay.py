"""Skip-gram style co-occurrence scorer with sparse tables."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(226)
torch.manual_seed(226)
GROUPS = ["cat dog cow horse".split(), "iron steel brass copper".split(), "run walk jump swim".split(), "red green blue white".split()]
words = sum(GROUPS, [])
w2i = {w: i for i, w in enumerate(words)}


def pairs(n):
    out = []
    for _ in range(n):
        g = random.choice(GROUPS)
        a, b = random.sample(g, 2)
        out.append((w2i[a], w2i[b]))
    return torch.tensor(out)


class SkipGram(nn.Module):
    def __init__(self, n, d=12):
        super().__init__()
        self.center = nn.Embedding(n, d, sparse=True)
        self.context = nn.Embedding(n, d, sparse=True)
        nn.init.normal_(self.center.weight, std=0.3)
        nn.init.normal_(self.context.weight, std=0.3)

    def forward(self, c, o):
        return (self.center(c) * self.context(o)).sum(-1)


model = SkipGram(len(words))
# fault:
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.2, weight_decay=1e-5)
# mended:
# optimizer = torch.optim.Adagrad(model.parameters(), lr=0.2)
# end
data = pairs(4000)
for epoch in range(4):
    total = 0.0
    for i in torch.randperm(4000).split(100):
        c, o = data[i].T
        negative = torch.randint(len(words), (len(i), 3))
        loss = -F.logsigmoid(model(c, o)).mean() - F.logsigmoid(-model(c[:, None], negative)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / 40:.4f}")
with torch.no_grad():
    v = F.normalize(model.center.weight, dim=1)
    near = (v @ v.T - 2 * torch.eye(len(words))).argmax(1)
    same = (near // 4 == torch.arange(len(words)) // 4).float().mean().item()
print("nearest neighbour in the same group", same)
