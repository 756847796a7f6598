"""minGPT-style model of click streams: the first token is the kind of visitor, every kind walks the site in its own way."""
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(42)
torch.manual_seed(42)
PAGES = "home search list item photos reviews cart login address payment confirm help returns account orders wishlist sale blog".split()
KINDS, T = 5, 24
V = len(PAGES) + KINDS
ways = []
for _ in range(KINDS):
    ways.append([random.sample(range(len(PAGES)), 2) for _ in PAGES])


def stream():
    k = random.randrange(KINDS)
    page = random.randrange(len(PAGES))
    seq = [len(PAGES) + k, page]
    while len(seq) < T + 1:
        page = random.choices(ways[k][page] + [random.randrange(len(PAGES))], [0.72, 0.22, 0.06])[0]
        seq.append(page)
    return tuple(seq)


streams = list({stream() for _ in range(1800)})
random.shuffle(streams)
data = torch.tensor(streams)
train, dev = data[:1500], data[1500:]


class SelfAttention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)
        self.register_buffer("future", torch.triu(torch.ones(T, T, dtype=torch.bool), 1))

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = (z.view(b, t, self.heads, d // self.heads).transpose(1, 2) for z in self.qkv(x).chunk(3, -1))
        att = q @ k.transpose(-2, -1) / math.sqrt(d // self.heads)
        # fault:
        att = att.softmax(-1)
        # mended:
        # att = att.masked_fill(self.future[:t, :t], float("-inf")).softmax(-1)
        # end
        return self.proj((att @ v).transpose(1, 2).reshape(b, t, d))


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.att = SelfAttention(d, heads)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        x = x + self.att(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class ClickGPT(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.tok, self.pos = nn.Embedding(V, d), nn.Embedding(T, d)
        self.blocks = nn.Sequential(Block(d, 4), Block(d, 4))
        self.ln, self.head = nn.LayerNorm(d), nn.Linear(d, V, bias=False)

    def forward(self, x):
        return self.head(self.ln(self.blocks(self.tok(x) + self.pos.weight[:x.shape[1]])))


model = ClickGPT()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
steps = 9 * 30
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 5e-3, total_steps=steps)


@torch.no_grad()
def rollout(prefix, n):
    seq = prefix
    for _ in range(n):
        p = model(seq)[:, -1].softmax(-1)
        seq = torch.cat([seq, p.argmax(-1, keepdim=True)], 1)
    return seq


for epoch in range(9):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(train)).split(50):
        x, y = train[idx, :-1], train[idx, 1:]
        loss = F.cross_entropy(model(x).reshape(-1, V), y.reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        dl = F.cross_entropy(model(dev[:, :-1]).reshape(-1, V), dev[:, 1:].reshape(-1)).item()
    walk = rollout(dev[:, :6], 10).tolist()
    ok = [w[i] in ways[w[0] - len(PAGES)][w[i - 1]] if w[i - 1] < len(PAGES) else False for w in walk for i in range(6, 16)]
    print(f"epoch {epoch + 1} train loss {total / 30:.3f} dev perplexity {math.exp(dl):.3f} plausible clicks in roll-outs {sum(ok) / len(ok):.3f}")
