"""Point at the place of an item in a list: endless stream of fresh examples, no epochs, no data set.

A query word (a noisy copy, as a code vector) is given with 4 to 9 list words; the answer is a position.
"""
import itertools
import os
from functools import partial

import torch
import torch.nn as nn

V, D, CODE, BATCH = 60, 24, 16, 64


def codes(seed=1):
    return torch.randn(V, CODE, generator=torch.Generator().manual_seed(seed))


def endless(table, batch, seed, noise=0.5):
    g = torch.Generator().manual_seed(seed)
    while True:
        n = torch.randint(4, 10, (batch,), generator=g)
        items = torch.rand(batch, V, generator=g).argsort(1)[:, :9]          # no item twice
        valid = torch.arange(9)[None] < n[:, None]
        where = (torch.rand(batch, generator=g) * n).long()
        query = table[items[torch.arange(batch), where]]
        yield {"items": items.masked_fill(~valid, 0), "valid": valid, "query": query + noise * torch.randn(batch, CODE, generator=g)}, where


class Pointer(nn.Module):
    def __init__(self):
        super().__init__()
        self.items = nn.Embedding(V, D)
        self.ask = nn.Sequential(nn.Linear(CODE, 48), nn.GELU(), nn.LayerNorm(48), nn.Linear(48, D))

    def forward(self, items, valid, query):
        s = (self.items(items) * self.ask(query)[:, None]).sum(-1) / D ** 0.5
        return s.masked_fill(~valid, float("-inf"))


def warm(step, up=30, total=500):
    return min((step + 1) / up, max(0.02, (total - step) / total))


def running(values, k=0.98):
    m = None
    for v in values:
        m = v if m is None else k * m + (1 - k) * v
        yield m


def learn(model, stream, steps):
    opt = torch.optim.RAdam(model.parameters(), lr=1e-2)
    sched = torch.optim.lr_scheduler.LambdaLR(opt, partial(warm, total=steps))
    for feed, target in itertools.islice(stream, steps):
        loss = -model(**feed).log_softmax(-1)[torch.arange(len(target)), target].mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        yield loss.item()


@torch.inference_mode()
def test(model, stream, batches=15):
    model.eval()
    hits = [(model(**f).argmax(-1) == t).float().mean() for f, t in itertools.islice(stream, batches)]
    model.train()
    return torch.stack(hits).mean().item()


torch.manual_seed(int(os.environ.get("SEED", 40)))
net, table = Pointer(), codes()
fresh = partial(endless, table, BATCH)
print(f"before: {test(net, fresh(seed=999)):.3f} (a blind guess is right about once in six)")
for step, smooth in enumerate(running(learn(net, fresh(seed=3), 500)), 1):
    if step % 100 == 0:
        print(f"step {step}: smoothed loss {smooth:.3f}, fresh lists {test(net, fresh(seed=999)):.3f}")
