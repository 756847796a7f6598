# Character LM, time-major, hidden state carried over (truncated BPTT), tied in/out embeddings.
# The text comes from a known second-order source, so we know the best possible bits/char.
import math
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(2)
torch.manual_seed(2)
V, BPTT, B = 12, 32, 40
P = np.zeros((V, V, V))
for g in range(3):                       # the older letter counts only through its group
    for c in range(V):
        P[g * 4:g * 4 + 4, c, rs.choice(V, 3, replace=False)] = [0.7, 0.2, 0.1]
BEST = -sum(p * math.log2(p) for p in (0.7, 0.2, 0.1))


def generate(n):
    u, out, a, c = rs.rand(n), [], 0, 1
    cum = P.cumsum(-1)
    for x in u:
        a, c = c, min(int((cum[a, c] < x).sum()), V - 1)
        out.append(c)
    return torch.tensor(out)


def batchify(ids, b):
    n = len(ids) // b
    return ids[:n * b].view(b, n).t().contiguous()          # n x b


train, valid = batchify(generate(60000), B), batchify(generate(8000), B)


class RNNModel(nn.Module):
    def __init__(self, nhid=40):
        super().__init__()
        self.encoder = nn.Embedding(V, nhid)
        self.rnn = nn.GRU(nhid, nhid)
        self.decoder = nn.Linear(nhid, V)
        self.encoder.weight.data.uniform_(-0.1, 0.1)
        self.decoder.weight = self.encoder.weight

    def forward(self, x, h):
        o, h = self.rnn(self.encoder(x), h)
        return self.decoder(o), h


model = RNNModel()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [3, 4], 0.3)
ce = nn.CrossEntropyLoss()


def run(data, learn):
    model.train(learn)
    h, tot, n = None, 0.0, 0
    with torch.set_grad_enabled(learn):
        for i in range(0, len(data) - 1, BPTT):
            x, y = data[i:i + BPTT], data[i + 1:i + 1 + BPTT]
            x = x[:len(y)]
            out, h = model(x, h)
            h = h.detach()
            loss = ce(out.reshape(-1, V), y.reshape(-1))
            if learn:
                opt.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 0.5)
                opt.step()
            tot, n = tot + loss.item() * y.numel(), n + y.numel()
    return tot / n / math.log(2)


print(f"uniform {math.log2(V):.3f} bits, source entropy {BEST:.3f} bits")
for epoch in range(5):
    tr = run(train, True)
    print(f"epoch {epoch}: train {tr:.3f}  valid {run(valid, False):.3f} bits/char")
    sched.step()
