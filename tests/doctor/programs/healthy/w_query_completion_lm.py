"""Next-word model for search-box completion: GRU, input and output table shared, contiguous stream with
the state carried over between chunks."""
import math
import torch
from torch import nn

torch.manual_seed(33)
V, BATCH, CHUNK = 60, 20, 25
# the stream: each word has a few likely successors (order-1 source with known entropy)
gen = torch.Generator().manual_seed(33)
follow = torch.stack([torch.randperm(V, generator=gen)[:4] for _ in range(V)])
prob = torch.full((V, V), .08 / V)
prob.scatter_add_(1, follow, torch.tensor([.5, .25, .12, .05]).expand(V, 4).contiguous())
prob = prob / prob.sum(1, keepdim=True)
cdf = prob.cumsum(1)


def stream(n, columns):
    out = torch.empty(n, columns, dtype=torch.long)
    w = torch.randint(V, (columns,), generator=gen)
    for t in range(n):
        w = torch.searchsorted(cdf[w], torch.rand(columns, 1, generator=gen)).squeeze(1).clamp(max=V - 1)
        out[t] = w
    return out


train, dev = stream(1251, BATCH), stream(201, BATCH)
floor = -(prob * prob.log()).sum(1)[dev[:-1]].mean().item()
print(f"uniform ppl {V}, best possible ppl about {math.exp(floor):.2f}")


class LM(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.table = nn.Embedding(V, d)
        nn.init.normal_(self.table.weight, std=d ** -.5)
        self.rnn = nn.GRU(d, d)
        self.decoder = nn.Linear(d, V)
        self.decoder.weight = self.table.weight

    def forward(self, x, h=None):
        y, h = self.rnn(self.table(x), h)
        return self.decoder(y), h


def run(model, data, opt=None):
    h, total, n = None, 0., 0
    for t in range(0, len(data) - 1, CHUNK):
        x, y = data[t:t + CHUNK], data[t + 1:t + 1 + CHUNK]
        x = x[:len(y)]
        logits, h = model(x, h)
        h = h.detach()
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        if opt:
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), .5)
            opt.step()
        total += loss.item() * y.numel(); n += y.numel()
    return total / n


lm = LM()
opt = torch.optim.Adam(lm.parameters(), lr=1e-2)
plateau = torch.optim.lr_scheduler.ExponentialLR(opt, .65)
for epoch in range(5):
    lm.train()
    tr = run(lm, train, opt)
    plateau.step()
    lm.eval()
    with torch.no_grad():
        dv = run(lm, dev)
    print(f"epoch {epoch}  train ppl {math.exp(tr):.2f}  dev ppl {math.exp(dv):.2f}")
