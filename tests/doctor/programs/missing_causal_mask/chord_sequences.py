"""Continue a chord progression: small decoder-only Transformer on top of PyTorch's fused attention."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(96)
torch.manual_seed(96)
CHORDS = "C Dm Em F G Am Bb E7".split()
FOLLOW = {c: random.sample(range(8), 3) for c in range(8)}
LEN = 24


def progression():
    s = [random.randrange(8), random.randrange(8)]
    while len(s) < LEN:
        nxt = FOLLOW[s[-1]]
        s.append(nxt[s[-2] % 3] if random.random() < 0.85 else random.choice(nxt))
    return s


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = (z.view(b, t, self.heads, -1).transpose(1, 2) for z in self.qkv(self.ln1(x)).chunk(3, -1))
        # fault:
        y = F.scaled_dot_product_attention(q, k, v)
        # mended:
        # y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        # end
        x = x + self.proj(y.transpose(1, 2).reshape(b, t, d))
        return x + self.mlp(self.ln2(x))


class Composer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.chord, self.place = nn.Embedding(8, d), nn.Embedding(LEN, d)
        self.blocks = nn.Sequential(Block(d, 4), Block(d, 4))
        self.head = nn.Linear(d, 8)

    def forward(self, x):
        return self.head(self.blocks(self.chord(x) + self.place.weight[: x.size(1)]))


tunes = torch.tensor([progression() for _ in range(800)])
held = torch.tensor([progression() for _ in range(100)])
model = Composer()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3)
for epoch in range(6):
    total = 0.0
    for b in torch.randperm(800).split(32):
        x = tunes[b]
        loss = F.cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        ends = [(model(held[:, :t])[:, -1].argmax(-1) == held[:, t]).float().mean() for t in range(4, LEN)]
    print(f"epoch {epoch} loss {total / 25:.4f} next chord right when only the past is given {torch.stack(ends).mean():.3f}")
