# Stateful language model: own LSTM cell, tied output, truncated backprop over (T, B) streams of a little made-up grammar.
import math
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

gen = np.random.default_rng(77)
torch.manual_seed(77)
NOUNS = {"s": ["dog", "cat", "girl", "king"], "p": ["dogs", "cats", "girls", "kings"]}
VERBS = {"s": ["sees", "likes", "knows"], "p": ["see", "like", "know"]}


def np_(n):
    out = ["the"]
    if gen.random() < .4:
        out.append(gen.choice(["old", "small", "red"]))
    out.append(gen.choice(NOUNS[n]))
    if gen.random() < .25:
        out += ["near", "the", gen.choice(NOUNS[gen.choice(["s", "p"])])]
    return out


def sent():
    n = gen.choice(["s", "p"])
    return np_(n) + [gen.choice(VERBS[n])] + np_(gen.choice(["s", "p"])) + ["."]


def stream(n):
    out = []
    while len(out) < n:
        out += sent()
    return out[:n]


raw_train, raw_valid = stream(20000), stream(3000)
itos = sorted(set(raw_train)); stoi = {w: i for i, w in enumerate(itos)}


def columns(words, B):
    ids = torch.tensor([stoi[w] for w in words])
    n = len(ids) // B
    return ids[:n * B].view(B, n).t().contiguous()


class Cell(nn.Module):
    def __init__(self, i, h):
        super().__init__()
        self.w = nn.Parameter(torch.empty(4 * h, i + h))
        self.b = nn.Parameter(torch.zeros(4 * h))
        nn.init.xavier_uniform_(self.w)
        with torch.no_grad():
            self.b[h:2 * h] = 1.

    def forward(self, x, state):
        h, c = state
        i, f, g, o = F.linear(torch.cat([x, h], 1), self.w, self.b).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c


class LM(nn.Module):
    def __init__(self, V, d):
        super().__init__()
        self.d = d
        self.E = nn.Parameter(torch.randn(V, d) * d ** -.5)
        self.cell = Cell(d, d)
        self.bias = nn.Parameter(torch.zeros(V))

    def zero(self, B):
        return torch.zeros(B, self.d), torch.zeros(B, self.d)

    def forward(self, x, state):
        outs = []
        for e in self.E[x] * self.d ** .5:
            state = self.cell(e, state)
            outs.append(state[0])
        return torch.stack(outs) @ self.E.T + self.bias, state


def chunks(cols, T):
    for i in range(0, len(cols) - 1, T):
        n = min(T, len(cols) - 1 - i)
        yield cols[i:i + n], cols[i + 1:i + 1 + n]


train, valid = columns(raw_train, 50), columns(raw_valid, 20)
lm = LM(len(itos), 32)
opt = torch.optim.AdamW(lm.parameters(), lr=.012, weight_decay=.001)
EPOCHS = 6
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS, eta_min=1e-3)


@torch.no_grad()
def evaluate(cols):
    state, tot, n = lm.zero(cols.shape[1]), 0., 0
    for x, y in chunks(cols, 50):
        logits, state = lm(x, state)
        tot += F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum").item()
        n += y.numel()
    return tot / n


freq = torch.bincount(train.flatten(), minlength=len(itos)).float()
base = math.exp(-(freq / freq.sum()).log()[valid.flatten()].mean())
print("unigram perplexity %.2f" % base)
for ep in range(EPOCHS):
    state = lm.zero(50)
    for x, y in chunks(train, 20):
        state = tuple(s.detach() for s in state)
        logits, state = lm(x, state)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        opt.zero_grad(); loss.backward()
        torch.nn.utils.clip_grad_norm_(lm.parameters(), .5)
        opt.step()
    sched.step()
    print("epoch %d train ppl %.3f valid ppl %.3f" % (ep, math.exp(evaluate(train)), math.exp(evaluate(valid))))
