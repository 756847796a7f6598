"""A one-layer GPT on sentences of a small grammar whose entropy we know; tied output weights, packed blocks."""
import math, random
from dataclasses import dataclass
import torch
import torch.nn as nn
from torch.nn import functional as F

random.seed(2024); torch.manual_seed(2024)
NAMES, VERBS = ["ann", "bob", "cid", "dot", "eve", "fay"], ["sees", "likes", "calls", "meets"]
ADJ, NOUN = ["red", "old", "big", "shy"], ["dog", "cat", "car", "hat", "sun"]
NATS = [0.0, 0]


def pick(options, *p):
    p = p or [1 / len(options)] * len(options)
    i = random.choices(range(len(options)), p)[0]
    NATS[0] -= math.log(p[i])
    return options[i]


def sentence():
    subj = pick(NAMES)
    out = [subj, pick(VERBS)]
    if pick([True, False], .5, .5):
        out.append("the")
        if pick([0, 1], .4, .6):
            out.append(pick(ADJ))
        out.append(pick(NOUN))
    else:
        out.append(pick(NAMES))
    if pick([0, 1], .7, .3):
        out += ["and", subj, "smiles"]                 # the subject comes back: attention is needed
    return out + ["."]


vocab = NAMES + VERBS + ADJ + NOUN + ["the", "and", "smiles", "."]
code = {w: i for i, w in enumerate(vocab)}
stream = []
while len(stream) < 40000:
    stream += [code[w] for w in sentence()]
entropy = NATS[0] / len(stream)
stream = torch.tensor(stream)
train, val = stream[:35000], stream[35000:]


@dataclass
class Cfg:
    block: int = 24
    d: int = 32
    heads: int = 2


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(c.d), nn.LayerNorm(c.d)
        self.qkv, self.proj = nn.Linear(c.d, 3 * c.d), nn.Linear(c.d, c.d)
        self.mlp = nn.Sequential(nn.Linear(c.d, 4 * c.d), nn.GELU(), nn.Linear(4 * c.d, c.d))
        self.h = c.heads

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (t.view(B, T, self.h, C // self.h).transpose(1, 2) for t in self.qkv(self.ln1(x)).split(C, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(y.transpose(1, 2).reshape(B, T, C))
        return x + self.mlp(self.ln2(x))


class GPT(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(len(vocab), c.d), nn.Embedding(c.block, c.d)
        self.blocks = nn.Sequential(Block(c), Block(c))
        self.ln = nn.LayerNorm(c.d)
        self.head = nn.Linear(c.d, len(vocab), bias=False)
        self.apply(lambda m: nn.init.normal_(m.weight, std=.05) if isinstance(m, (nn.Linear, nn.Embedding)) else None)
        self.head.weight = self.wte.weight

    def forward(self, idx):
        return self.head(self.ln(self.blocks(self.wte(idx) + self.wpe.weight[: idx.size(1)])))


cfg = Cfg()
model = GPT(cfg)
steps = 300
opt = torch.optim.AdamW(model.parameters(), lr=6e-3, betas=(.9, .95), weight_decay=.01)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, total_steps=steps, pct_start=.1)


def block_loss(data, at):
    x = torch.stack([data[i:i + cfg.block] for i in at]); y = torch.stack([data[i + 1:i + 1 + cfg.block] for i in at])
    return F.cross_entropy(model(x).flatten(0, 1), y.flatten())


@torch.no_grad()
def evaluate(data):
    model.eval()
    l = block_loss(data[:4000], range(0, len(data[:4000]) - cfg.block - 1, cfg.block)).item()
    model.train()
    return l


for s in range(1, steps + 1):
    loss = block_loss(train, torch.randint(len(train) - cfg.block - 1, (20,)).tolist())
    opt.zero_grad(set_to_none=True); loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step(); sched.step()
    if s % 60 == 0:
        print(f"step {s}: train {evaluate(train):.4f} val {evaluate(val):.4f}   (entropy of the grammar {entropy:.4f})")
print("perplexity on new text %.3f, of %d words" % (math.exp(evaluate(val)), len(vocab)))
