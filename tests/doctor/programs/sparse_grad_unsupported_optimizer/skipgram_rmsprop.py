"""Skip-gram with negative samples over a little synthetic corpus; only the looked-up rows get a gradient."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(57)
torch.manual_seed(57)
topics = [[f"t{k}_{i}" for i in range(20)] for k in range(6)]
vocab = {w: i for i, w in enumerate(sum(topics, []))}
sentences = [[vocab[w] for w in random.choices(random.choice(topics), k=8)] for _ in range(700)]
pairs = [(s[i], s[j]) for s in sentences for i in range(8) for j in range(max(0, i - 2), min(8, i + 3)) if i != j]
pairs = torch.tensor(pairs)


class SkipGram(nn.Module):
    def __init__(self, n, d=24):
        super().__init__()
        self.u = nn.Embedding(n, d, sparse=True)
        self.v = nn.Embedding(n, d, sparse=True)
        nn.init.uniform_(self.u.weight, -0.5 / d, 0.5 / d)
        nn.init.zeros_(self.v.weight)

    def forward(self, centre, context, negatives):
        c = self.u(centre)
        pos = (c * self.v(context)).sum(1)
        neg = torch.bmm(self.v(negatives), c.unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(1)).mean()


model = SkipGram(len(vocab))
# fault:
optimizer = torch.optim.RMSprop(model.parameters(), lr=5e-3)
# mended:
# optimizer = torch.optim.SparseAdam(list(model.parameters()), lr=5e-3)
# end


def neighbours_agree():
    with torch.no_grad():
        w = F.normalize(model.u.weight, dim=1)
        s = w @ w.T
        s.fill_diagonal_(-2)
        near = s.topk(5).indices
        return (near // 20 == torch.arange(len(vocab))[:, None] // 20).float().mean().item()


for epoch in range(4):
    total = 0.0
    batches = torch.randperm(len(pairs)).split(256)
    for b in batches:
        optimizer.zero_grad()
        loss = model(pairs[b, 0], pairs[b, 1], torch.randint(len(vocab), (len(b), 5)))
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / len(batches):.4f} neighbours of the same topic {neighbours_agree():.3f}")
