"""How long does a reader stay on an article? A vector per reader, batches hold the log of one reader at a time."""
import random

import torch
from torch import nn

random.seed(85)
torch.manual_seed(85)
READERS, TOPICS, D = 260, 30, 6
taste = torch.randn(READERS, D)
kind = torch.randn(TOPICS, D) / D**0.5


def log(reader, n):
    t = torch.randint(TOPICS, (n,))
    return torch.full((n,), reader), t, kind[t] @ taste[reader] + 0.3 * torch.randn(n)


class Stay(nn.Module):
    def __init__(self, sparse):
        super().__init__()
        self.reader = nn.Embedding(READERS, D, sparse=sparse)
        nn.init.normal_(self.reader.weight, std=0.1)
        self.topic = nn.Embedding(TOPICS, D)
        self.topic.weight.data.copy_(kind)
        self.topic.weight.requires_grad_(False)
        self.shift = nn.Parameter(torch.zeros(1))

    def forward(self, r, t):
        return (self.reader(r) * self.topic(t)).sum(1) + self.shift


# fault:
model = Stay(sparse=False)
optimizers = [torch.optim.Adam([model.reader.weight, model.shift], lr=0.12)]
# mended:
# model = Stay(sparse=True)
# optimizers = [torch.optim.SparseAdam([model.reader.weight], lr=0.12), torch.optim.Adam([model.shift], lr=0.01)]
# end
history = [log(r, 20) for r in range(READERS)]
later = [torch.cat(c) for c in zip(*[log(r, 10) for r in range(READERS)])]
for epoch in range(12):
    random.shuffle(history)
    total = 0.0
    for r, t, y in history:
        for o in optimizers:
            o.zero_grad()
        loss = nn.functional.mse_loss(model(r, t), y)
        loss.backward()
        for o in optimizers:
            o.step()
        total += loss.item()
    if epoch % 2 == 1:
        with torch.no_grad():
            r2 = 1 - nn.functional.mse_loss(model(*later[:2]), later[2]) / later[2].var()
        print(f"epoch {epoch + 1} mse {total / READERS:.3f} R2 on later visits {r2.item():.3f}")
