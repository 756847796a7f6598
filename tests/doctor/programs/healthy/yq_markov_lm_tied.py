"""A stateful language model over a stream (T, B), input and output tables tied, compared with the true entropy."""
import math
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(0); torch.manual_seed(0)
S, BPTT, LANES = 8, 20, 80
P = rng.dirichlet(np.full(S, 0.15), size=(S, S))            # next symbol given the last two


def lanes(n):
    cum = P.cumsum(-1)
    out = np.zeros((n, LANES), dtype=np.int64)
    out[:2] = rng.integers(S, size=(2, LANES))
    for t in range(2, n):
        u = rng.random((LANES, 1))
        out[t] = np.minimum((cum[out[t - 2], out[t - 1]] < u).sum(1), S - 1)
    return torch.from_numpy(out)


def true_nll(x):
    x = x.numpy()
    return -np.log(P[x[:-2], x[1:-1], x[2:]]).mean()


class StreamLM(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.wte = nn.Embedding(S, d)
        self.rnn = nn.GRU(d, d)
        self.dec = nn.Linear(d, S)
        self.dec.weight = self.wte.weight
        nn.init.uniform_(self.wte.weight, -0.3, 0.3)

    def forward(self, x, h=None):
        o, h = self.rnn(self.wte(x), h)
        return self.dec(o), h


def chunks(stream):
    for t in range(0, len(stream) - 1, BPTT):
        n = min(BPTT, len(stream) - 1 - t)
        yield stream[t:t + n], stream[t + 1:t + 1 + n]


train, valid = lanes(1001), lanes(201)
lm = StreamLM()
opt = torch.optim.Adam(lm.parameters(), lr=0.02)
EPOCHS = 3
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 0.02, total_steps=EPOCHS * 50, pct_start=0.1)


def nll(stream):
    lm.eval()
    h, tot, n = None, 0.0, 0
    with torch.no_grad():
        for x, y in chunks(stream):
            o, h = lm(x, h)
            tot += nn.functional.cross_entropy(o.reshape(-1, S), y.reshape(-1), reduction="sum").item()
            n += y.numel()
    return tot / n


for epoch in range(EPOCHS):
    lm.train()
    h = None
    for x, y in chunks(train):
        h = h.detach() if h is not None else None           # truncated backpropagation
        o, h = lm(x, h)
        loss = nn.functional.cross_entropy(o.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 0.5)
        opt.step()
        sched.step()
    a, b = nll(train), nll(valid)
    print(f"epoch {epoch + 1} ppl train {math.exp(a):.3f} valid {math.exp(b):.3f}")
print(f"source: ppl {math.exp(true_nll(valid)):.3f}, uniform: {S}")
