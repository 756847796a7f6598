# Character language model on little sums in words ("two plus nine minus one;"), tied weights, averaged parameters for evaluation.
import copy
import math
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(19)
torch.manual_seed(19)
NAMES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def stream(n):
    out = []
    for _ in range(n):
        a, b, c = (random.choice(NAMES) for _ in range(3))
        p, q = (random.choice(["plus", "minus", "times"]) for _ in range(2))
        out.append(f"{a} {p} {b} {q} {c};")
    return "".join(out)


alphabet = sorted(set(stream(300)))
code = {c: i for i, c in enumerate(alphabet)}
B, T = 24, 30


def rows(text, b):
    ids = torch.tensor([code[c] for c in text])
    per = len(ids) // b
    return ids[:per * b].view(b, per).t().contiguous()            # (time, batch), one long row per column


train, valid = rows(stream(1100), B), rows(stream(150), 8)


class TiedLM(nn.Module):
    def __init__(self, v, d=48):
        super().__init__()
        self.emb = nn.Embedding(v, d)
        self.rnn = nn.LSTM(d, d)
        self.out = nn.Linear(d, v)
        self.out.weight = self.emb.weight
        nn.init.normal_(self.emb.weight, std=d ** -0.5)

    def forward(self, x, hc=None):
        h, hc = self.rnn(self.emb(x), hc)
        return self.out(h), hc


lm = TiedLM(len(alphabet))
slow = copy.deepcopy(lm).eval().requires_grad_(False)
opt = torch.optim.Adam(lm.parameters(), lr=1e-2)


def follow(decay=0.95):
    with torch.no_grad():
        for s, p in zip(slow.parameters(), lm.parameters()):
            s.lerp_(p, 1 - decay)


@torch.no_grad()
def score(net):
    logits, _ = net(valid[:-1])
    nll = F.cross_entropy(logits.flatten(0, 1), valid[1:].flatten())
    return math.exp(nll), (logits.argmax(-1) == valid[1:]).float().mean().item()


for epoch in range(5):
    lm.train()
    hc, tot, n = None, 0.0, 0
    for s in range(0, len(train) - 1, T):
        x = train[s:s + T]
        y = train[s + 1:s + 1 + T]
        x = x[:len(y)]
        logits, hc = lm(x, hc)
        hc = tuple(h.detach() for h in hc)                          # truncated backprop through time
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        opt.step()
        follow()
        tot += loss.item()
        n += 1
    ppl, acc = score(slow)
    print(f"epoch {epoch + 1}  train ppl {math.exp(tot / n):.3f}  valid ppl (averaged) {ppl:.3f}  next char {acc:.3f}")
