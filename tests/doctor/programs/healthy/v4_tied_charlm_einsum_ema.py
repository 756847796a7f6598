# A decoder-only character LM from scratch: einsum attention, rotary positions, tied output, EMA weights for evaluation.
import copy
import math
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)

SUBJ = ["the cat", "a dog", "my aunt", "the king", "one bird"]
VERB = ["sees", "likes", "eats", "hides", "wants"]
OBJ = ["the moon", "a cake", "his hat", "red tea", "old gold"]


def text(n):
    """subject, verb and object are independent, so the entropy is known"""
    return "".join(f"{random.choice(SUBJ)} {random.choice(VERB)} {random.choice(OBJ)}. " for _ in range(n))


corpus_train, corpus_dev = text(2000), text(150)
itos = sorted(set(corpus_train))
stoi = {c: i for i, c in enumerate(itos)}
enc = lambda s: torch.tensor([stoi[c] for c in s])
tr, dv = enc(corpus_train), enc(corpus_dev)
CTX, D, H = 32, 32, 4


def rotary(x):
    *_, T, d = x.shape
    ang = torch.arange(T)[:, None] * (10000 ** (-torch.arange(0, d, 2) / d))[None]
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * ang.cos() - b * ang.sin(), a * ang.sin() + b * ang.cos()], -1).flatten(-2)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Parameter(torch.randn(3, H, D, D // H) * D ** -0.5)
        self.o = nn.Parameter(torch.randn(H, D // H, D) * D ** -0.5)
        self.n1, self.n2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.up, self.down = nn.Linear(D, 2 * D), nn.Linear(2 * D, D)

    def forward(self, x):
        q, k, v = torch.einsum("btd,nhde->nbhte", self.n1(x), self.qkv)
        s = torch.einsum("bhqe,bhke->bhqk", rotary(q), rotary(k)) / math.sqrt(D // H)
        future = torch.ones(x.size(1), x.size(1), dtype=torch.bool).triu(1)
        a = s.masked_fill(future, float("-inf")).softmax(-1)
        x = x + torch.einsum("bhqk,bhke,hed->bqd", a, v, self.o)
        return x + self.down(F.gelu(self.up(self.n2(x))))


class LM(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte = nn.Parameter(torch.randn(len(itos), D) * 0.15)
        self.layers = nn.ModuleList([Layer(), Layer()])
        self.nf = nn.LayerNorm(D)

    def forward(self, idx):
        x = self.wte[idx] * math.sqrt(D)
        for l in self.layers:
            x = l(x)
        return self.nf(x) @ self.wte.t()


lm = LM()
ema = copy.deepcopy(lm).requires_grad_(False)
opt = torch.optim.AdamW(lm.parameters(), lr=1.0, betas=(0.9, 0.98), weight_decay=0.01)
STEPS, BS = 200, 16
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: 8e-3 * min((s + 1) / 20, max(0.02, 1 - s / STEPS)))


@torch.no_grad()
def bits(net, data):
    net.eval()
    n = (len(data) - 1) // CTX
    x, y = data[: n * CTX].view(n, CTX), data[1: n * CTX + 1].view(n, CTX)
    # the first half of a window only serves as context
    return F.cross_entropy(net(x)[:, CTX // 2:].flatten(0, 1), y[:, CTX // 2:].flatten()).item() / math.log(2)


for s in range(STEPS):
    lm.train()
    at = torch.randint(len(tr) - CTX - 1, (BS,))
    w = torch.stack([tr[i:i + CTX + 1] for i in at])
    loss = F.cross_entropy(lm(w[:, :-1]).transpose(1, 2), w[:, 1:])
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
    opt.step()
    sched.step()
    decay = min(0.9, (1 + s) / (10 + s))
    with torch.no_grad():
        for p, q in zip(ema.parameters(), lm.parameters()):
            p.lerp_(q, 1 - decay)
    if s % 66 == 65:
        print(f"step {s + 1} loss {loss.item():.3f} | bits/char dev {bits(lm, dv):.3f} ema {bits(ema, dv):.3f}")
sent = sum(len(x) for x in SUBJ + VERB + OBJ) / 5 + 4
print(f"train {bits(ema, tr[:4000]):.3f}  dev {bits(ema, dv):.3f}  entropy of the source {3 * math.log2(5) / sent:.3f}  unigram ~4.0")
