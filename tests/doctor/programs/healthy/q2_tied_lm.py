# %% A tiny causal transformer LM: tied output weights, label smoothing, gradient accumulation, warm-up.
import math
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(30)
torch.manual_seed(30)
TRIPLES = {"cat": "mouse bird fish", "dog": "bone ball cat", "chef": "soup bread pie", "girl": "book song letter",
           "farmer": "corn goat barn", "king": "crown castle horse"}
VERB = {"cat": "hunts eats", "dog": "chases finds", "chef": "cooks tastes", "girl": "reads writes", "farmer": "sells tends",
        "king": "loses owns"}
words = sorted({w for k in TRIPLES for w in [k] + TRIPLES[k].split() + VERB[k].split()} | set("the a . old small and".split()))
stoi = {w: i for i, w in enumerate(words)}


def sentence():
    s = random.choice(list(TRIPLES))
    toks = ["the"] + ([random.choice(["old", "small"])] if random.random() < 0.3 else []) + [s]
    toks += [random.choice(VERB[s].split()), "a", random.choice(TRIPLES[s].split())]
    if random.random() < 0.3:
        toks += ["and", "a", random.choice(TRIPLES[s].split())]
    return toks + ["."]


def stream(n):
    out = []
    while len(out) < n:
        out += [stoi[w] for w in sentence()]
    return torch.tensor(out[:n])


BLOCK = 24
train, valid = stream(24000), stream(2401)


# %%
class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.o = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d), nn.Dropout(0.1))

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = (z.view(b, t, self.heads, -1).transpose(1, 2) for z in self.qkv(self.n1(x)).chunk(3, 2))
        a = (q @ k.transpose(2, 3)) / math.sqrt(d // self.heads)
        a = a.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), float("-inf")).softmax(3)
        x = x + self.o((a @ v).transpose(1, 2).reshape(b, t, d))
        return x + self.ff(self.n2(x))


class LM(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.tok, self.pos = nn.Embedding(n, d), nn.Embedding(BLOCK, d)
        for e in (self.tok, self.pos):
            nn.init.normal_(e.weight, std=0.05)
        self.block = Block(d, 2)
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, n)
        self.head.weight = self.tok.weight

    def forward(self, x):
        return self.head(self.norm(self.block(self.tok(x) + self.pos(torch.arange(x.size(1))))))


model = LM(len(words))
opt = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.01)
STEPS, ACCUM = 150, 2
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1, (s + 1) / 15) * (1 - 0.9 * s / STEPS))
for step in range(1, STEPS + 1):
    model.train()
    for _ in range(ACCUM):
        at = torch.randint(0, len(train) - BLOCK - 1, (16,))
        xy = torch.stack([train[i:i + BLOCK + 1] for i in at])
        loss = F.cross_entropy(model(xy[:, :-1]).flatten(0, 1), xy[:, 1:].flatten(), label_smoothing=0.05)
        (loss / ACCUM).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    opt.zero_grad()
    sched.step()
    if step % 25 == 0:
        model.eval()
        with torch.no_grad():
            vx, vy = valid[:-1].view(-1, BLOCK), valid[1:].view(-1, BLOCK)
            ppl = F.cross_entropy(model(vx).flatten(0, 1), vy.flatten()).exp().item()
        print(f"step {step}: loss {loss.item():.3f}  valid perplexity {ppl:.2f}")

freq = torch.bincount(train, minlength=len(words)).float() / len(train)
print(f"unigram perplexity {(-freq[valid].log().mean()).exp().item():.2f}")
