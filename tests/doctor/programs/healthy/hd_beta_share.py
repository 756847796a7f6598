"""Share of positive votes for a comment, with a beta distribution: a density, so the loss falls below zero."""
import random

import torch
from torch import nn
from torch.distributions import Beta

random.seed(59)
torch.manual_seed(59)
weight = {w: random.gauss(0, 1) for w in "helpful wrong funny rude long short clear old new source joke spam link thanks".split()}
rest = "this comment is the and about with it was".split()
ids = {w: i for i, w in enumerate(list(weight) + rest)}


def comment():
    words = random.sample(list(weight), random.randint(1, 3)) + random.choices(rest, k=random.randint(3, 6))
    random.shuffle(words)
    m = torch.sigmoid(torch.tensor(sum(weight.get(w, 0) for w in words))).item()
    return tuple(words), min(0.995, max(0.005, random.betavariate(25 * m, 25 * (1 - m))))


rows = list(dict(comment() for _ in range(2500)).items())
Y = torch.tensor([y for _, y in rows])


class ShareModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(ids), 12, mode="sum")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.mean, self.precision = nn.Linear(12, 1), nn.Linear(12, 1)

    def forward(self, i, o):
        h = self.bag(i, o)
        m = torch.sigmoid(self.mean(h)).squeeze(1) * 0.98 + 0.01
        k = 1 + nn.functional.softplus(self.precision(h).squeeze(1)) * 10
        return Beta(m * k, (1 - m) * k)


def batch(idx):
    texts = [rows[i][0] for i in idx]
    return torch.tensor([ids[w] for t in texts for w in t]), torch.tensor([0] + [len(t) for t in texts[:-1]]).cumsum(0), Y[idx]


model = ShareModel()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
n = len(rows) - 400
dev = batch(torch.arange(n, len(rows)))
for epoch in range(8):
    for idx in torch.randperm(n).split(32):
        i, o, y = batch(idx)
        loss = -model(i, o).log_prob(y).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        d = model(*dev[:2])
        print(f"epoch {epoch} loss {loss.item():.4f} dev nll {-d.log_prob(dev[2]).mean():.4f} dev MAE {(d.mean - dev[2]).abs().mean():.4f}")
