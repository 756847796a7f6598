"""Match product titles with their descriptions, in-batch contrastive loss written out."""
import random

import torch
from torch import nn

random.seed(46)
torch.manual_seed(46)
goods = [f"good{i}" for i in range(150)]
props = [f"prop{i}" for i in range(60)]
has = {g: random.sample(props, 3) for g in goods}
vocab = {w: i for i, w in enumerate(goods + props)}


def pairs(n):
    chosen = [random.choice(goods) for _ in range(n)]
    t = [[vocab[g]] + [vocab[p] for p in random.sample(has[g], 1)] for g in chosen]
    d = [[vocab[p] for p in has[g]] for g in chosen]
    return torch.tensor(t), torch.tensor(d), chosen


class Matcher(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.words = nn.Embedding(len(vocab), d)
        self.title = nn.Linear(d, d)
        self.text = nn.Linear(d, d)

    def forward(self, t, d):
        return self.title(self.words(t).sum(1)), self.text(self.words(d).sum(1))


TEMPERATURE = 0.05
net = Matcher()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
all_d = torch.tensor([[vocab[p] for p in has[g]] for g in goods])
for step in range(1, 301):
    t, d, chosen = pairs(32)
    a, b = net(t, d)
    scores = a @ b.T / 64**0.5 / TEMPERATURE
    same = torch.tensor([[u == w and i != j for j, w in enumerate(chosen)] for i, u in enumerate(chosen)])
    scores = scores.masked_fill(same, -1e4)
    # fault:
    e = torch.exp(scores)
    loss = -torch.log(e.diag() / e.sum(1)).mean()
    # mended:
    # loss = -(scores.diag() - torch.logsumexp(scores, 1)).mean()
    # end
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 60 == 0:
        with torch.no_grad():
            t, d, chosen = pairs(200)
            a, _ = net(t, d)
            best = (a @ net.text(net.words(all_d).sum(1)).T).argmax(1)
            hit = sum(goods[i] == g for i, g in zip(best.tolist(), chosen)) / 200
        print(f"step {step} loss {loss.item():.4f} right description first {hit:.3f}")
