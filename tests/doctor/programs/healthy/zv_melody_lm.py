"""Next-note model for little tunes in ABC-like tokens. Time-major batches, tied in/out embedding, hidden carried over."""
import math, numpy as np, torch
from torch import nn, optim
import torch.nn.functional as F

g = np.random.default_rng(11)
torch.manual_seed(11)
MAJOR = [0, 2, 4, 5, 7, 9, 11]
STEP = {0: [2, 4, 4, 1], 1: [0, 2, 4], 2: [0, 3, 4], 3: [4, 2, 1], 4: [0, 0, 5, 2], 5: [4, 3, 1], 6: [0, 0, 0]}
BAR = 24                                        # token of the bar line


def tune(bars):
    key, deg, out = int(g.integers(0, 5)), 0, []
    for _ in range(bars):
        out.append(BAR)
        for beat in range(4):
            out.append(key + MAJOR[deg])
            deg = 0 if beat == 2 and g.random() < .6 else int(g.choice(STEP[deg]))
    return out


# one long stream per batch column, as for a language model on text
COLS, BPTT = 32, 40
train = torch.tensor([tune(160) for _ in range(COLS)]).t().contiguous()     # (T, B)
valid = torch.tensor([tune(40) for _ in range(COLS)]).t().contiguous()


class TuneLM(nn.Module):
    def __init__(self, vocab=25, d=48):
        super().__init__()
        self.emb = nn.Embedding(vocab, d)
        self.lstm = nn.LSTM(d, d)
        self.drop = nn.Dropout(.1)
        self.bias = nn.Parameter(torch.zeros(vocab))
        nn.init.uniform_(self.emb.weight, -.1, .1)

    def forward(self, x, state):
        h, state = self.lstm(self.drop(self.emb(x)), state)
        return F.linear(self.drop(h), self.emb.weight, self.bias), state


lm = TuneLM()
opt = optim.SGD(lm.parameters(), lr=8., momentum=0.)
sch = optim.lr_scheduler.StepLR(opt, 2, .5)


def sweep(stream, learn):
    lm.train(learn)
    state, nll, n, hit = None, 0., 0, 0
    for t in range(0, stream.size(0) - 1, BPTT):
        x, y = stream[t:t + BPTT], stream[t + 1:t + 1 + BPTT]
        x = x[:len(y)]
        if state is not None:
            state = tuple(s.detach() for s in state)
        with torch.set_grad_enabled(learn):
            logits, state = lm(x, state)
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        if learn:
            lm.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(lm.parameters(), .5)
            opt.step()
        nll += loss.item() * y.numel(); n += y.numel()
        hit += (logits.argmax(-1) == y).sum().item()
    return math.exp(nll / n), hit / n


for epoch in range(1, 9):
    tr = sweep(train, True)
    sch.step()
    va = sweep(valid, False)
    print(f'{epoch:2d}  ppl {tr[0]:6.3f} / {va[0]:6.3f}   next-note acc {tr[1]:.3f} / {va[1]:.3f}')
uni = torch.bincount(train.flatten(), minlength=25).float(); uni = uni / uni.sum()
print('unigram perplexity for comparison: %.2f' % math.exp(-(uni[valid.flatten()].log().mean())))
