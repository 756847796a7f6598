"""Next-note model on tunes, time first, truncated back-propagation with a carried state, tied table."""
import math
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rs = np.random.RandomState(12)
torch.manual_seed(12)
NOTES, BPTT, BATCH = 24, 24, 32

# the next note depends on the last note and on the register (one of four) of the one before
table = rs.dirichlet(np.full(NOTES, 0.12), size=(NOTES, 4)) * 0.95 + 0.05 / NOTES


def tune(n):
    cum, draws = table.cumsum(-1), rs.rand(n)
    out = [3, 7]
    for d in draws:
        out.append(min(NOTES - 1, int(np.searchsorted(cum[out[-1], out[-2] // 6], d))))
    return np.array(out[2:])


def columns(notes, batch):
    n = len(notes) // batch
    return torch.from_numpy(notes[:n * batch]).view(batch, n).t().contiguous()      # (time, batch)


train, dev, test = columns(tune(60000), BATCH), columns(tune(8000), 16), columns(tune(8000), 16)


class TuneLM(nn.Module):
    def __init__(self, dim=48):
        super().__init__()
        self.table = nn.Embedding(NOTES, dim)
        nn.init.normal_(self.table.weight, std=dim ** -0.5)
        self.rnn = nn.GRU(dim, 64)
        self.back = nn.Linear(64, dim)
        self.bias = nn.Parameter(torch.zeros(NOTES))

    def forward(self, x, state=None):
        h, state = self.rnn(F.dropout(self.table(x) * 48 ** 0.5, 0.15, self.training), state)
        return F.linear(self.back(h), self.table.weight, self.bias), state


def chunks(stream):
    for t in range(0, stream.size(0) - 1, BPTT):
        n = min(BPTT, stream.size(0) - 1 - t)
        yield stream[t:t + n], stream[t + 1:t + 1 + n]


@torch.no_grad()
def perplexity(stream):
    model.eval()
    state, nll, n = None, 0.0, 0
    for x, y in chunks(stream):
        logits, state = model(x, state)
        nll += F.cross_entropy(logits.view(-1, NOTES), y.reshape(-1), reduction="sum").item()
        n += y.numel()
    model.train()
    return math.exp(nll / n)


model = TuneLM()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
EPOCHS = 5
steps = EPOCHS * math.ceil((train.size(0) - 1) / BPTT)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 30, 0.02 + 0.98 * (1 - s / steps)))
freq = torch.bincount(train.flatten(), minlength=NOTES).float()
freq /= freq.sum()
print(f"note frequencies alone: perplexity {math.exp(-freq[dev.flatten()].log().mean().item()):.2f}")

for epoch in range(EPOCHS):
    state, total, k = None, 0.0, 0
    for x, y in chunks(train):                          # columns are read in order: the state goes on
        logits, state = model(x, state)
        state = state.detach()
        loss = F.cross_entropy(logits.view(-1, NOTES), y.reshape(-1), label_smoothing=0.02)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        total, k = total + loss.item(), k + 1
    print(f"epoch {epoch + 1}  loss {total / k:.4f}  ppl train part {perplexity(train[:500]):.2f}  dev {perplexity(dev):.2f}  test {perplexity(test):.2f}")
