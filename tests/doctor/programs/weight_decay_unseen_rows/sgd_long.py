"""Pair matching with pretrained vectors, SGD and weight decay; test pairs use other words."""
import random

import torch
from torch import nn

random.seed(227)
torch.manual_seed(227)
DIM, GROUPS = 20, 12
names = ["".join(random.choices("bcdfglmnprst", k=1) + random.choices("aeiou", k=1) + random.choices("bcdlmnrst", k=1) + random.choices("aeiou", k=1)) + str(i) for i in range(480)]
group = {w: i % GROUPS for i, w in enumerate(names)}
vocab = {w: i for i, w in enumerate(names)}
centre = torch.randn(GROUPS, DIM)
table = torch.stack([centre[group[w]] + 0.4 * torch.randn(DIM) for w in names])
seen, unseen = names[:240], names[240:]


def make(n, pool):
    a, b, y = [], [], []
    for _ in range(n):
        w = random.choice(pool)
        same = random.randint(0, 1)
        v = random.choice([u for u in pool if (group[u] == group[w]) == bool(same)])
        a.append(vocab[w])
        b.append(vocab[v])
        y.append(float(same))
    return torch.tensor(a), torch.tensor(b), torch.tensor(y)


class Match(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table.clone(), freeze=False)
        self.scale = nn.Parameter(torch.tensor(1.0))
        self.shift = nn.Parameter(torch.tensor(0.0))

    def forward(self, a, b):
        return self.scale * (self.emb(a) * self.emb(b)).sum(1) / DIM**0.5 + self.shift


a, b, y = make(1500, seen)
ta, tb, ty = make(500, unseen)
model = Match()
# fault:
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-2)
# mended:
# opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
# end
for epoch in range(12):
    total = 0.0
    for i in torch.randperm(1500).split(30):
        loss = nn.functional.binary_cross_entropy_with_logits(model(a[i], b[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 3 == 2:
        with torch.no_grad():
            acc = ((model(ta, tb) > 0) == (ty > 0)).float().mean().item()
            size = model.emb.weight.norm(dim=1)
        print(f"epoch {epoch + 1} loss {total / 50:.4f} lengths {size[:240].mean():.3f} {size[240:].mean():.3f} accuracy on new words {acc:.4f}")
