"""Stateful language model: truncated BPTT, input and output tables tied, state carried (and cut) from chunk to chunk.
The text comes from a two-mode source, so that the best possible loss is known."""
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

np_rng = np.random.default_rng(55)
torch.manual_seed(55)
V, SWITCH = 10, (0, 1)                       # the tokens 0 and 1 choose the mode that follows


def tables():
    t = np_rng.dirichlet(np.full(V - 2, .25), size=(2, V))
    return np.concatenate([np.full((2, V, 2), .05), .9 * t], axis=2)


P = tables()
C = P.cumsum(2)


def write(n):
    out, best, mode, prev = np.empty(n, np.int64), 0., 0, 2
    u = np_rng.random(n)
    for i in range(n):
        k = min(int(np.searchsorted(C[mode, prev], u[i])), V - 1)
        best -= np.log(P[mode, prev, k])
        if k in SWITCH:
            mode = k
        out[i] = prev = k
    return torch.from_numpy(out), best / n


class TiedLM(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.table = nn.Embedding(V, d)
        nn.init.normal_(self.table.weight, std=d ** -.5)
        self.rnn = nn.GRU(d, d)
        self.bias = nn.Parameter(torch.zeros(V))

    def forward(self, x, h):
        o, h = self.rnn(self.table(x), h)
        return F.linear(o, self.table.weight, self.bias), h


def lanes(stream, n):
    return stream[:len(stream) // n * n].view(n, -1).t().contiguous()      # (time, lanes)


@torch.no_grad()
def loss_of(model, text, span=50):
    model.eval()
    h, tot, n = None, 0., 0
    for i in range(0, len(text) - 1, span):
        x, y = text[i:i + span], text[i + 1:i + 1 + span]
        z, h = model(x[:len(y)], h)
        tot += F.cross_entropy(z.flatten(0, 1), y.flatten(), reduction="sum").item(); n += y.numel()
    model.train()
    return tot / n


raw_tr, best_tr = write(30000)
raw_va, best_va = write(8000)
train, valid = lanes(raw_tr, 20), lanes(raw_va, 20)
uni = torch.bincount(raw_tr, minlength=V).float()
uni_loss = -(torch.bincount(raw_va, minlength=V).float() / len(raw_va) * (uni / uni.sum()).log()).sum().item()
print(f"unigram {uni_loss:.3f}, source entropy {best_va:.3f} nats")

model = TiedLM()
opt = torch.optim.Adam(model.parameters(), lr=1.5e-2)
SPAN, EPOCHS = 30, 5
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * (len(train) // SPAN))
for epoch in range(EPOCHS):
    h = None
    for i in range(0, len(train) - SPAN - 1, SPAN):
        x, y = train[i:i + SPAN], train[i + 1:i + 1 + SPAN]
        h = None if h is None else h.detach()
        z, h = model(x, h)
        loss = F.cross_entropy(z.reshape(-1, V), y.reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        opt.step(); sched.step()
    if epoch % 2 == 0:
        print(f"epoch {epoch} train {loss_of(model, train):.4f} valid {loss_of(model, valid):.4f}")
