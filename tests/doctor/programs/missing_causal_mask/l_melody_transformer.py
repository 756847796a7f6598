"""Tiny decoder-only transformer on melodies written as note names. Every tune repeats a motif, moved up by a step each time."""
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6)
torch.manual_seed(6)

SCALE = [n + o for o in "345" for n in "cdefgab"]           # 21 notes
MOTIF, REPEATS = 4, 3


def tune():
    motif = [random.randint(0, len(SCALE) - REPEATS) for _ in range(MOTIF)]
    return [m + r for r in range(REPEATS) for m in motif]


T = MOTIF * REPEATS
data = torch.tensor([tune() for _ in range(3400)])
train, valid = data[:3000], data[3000:]
BOS = len(SCALE)


def shift_right(x):
    return torch.cat([torch.full((len(x), 1), BOS), x[:, :-1]], dim=1)


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x):
        B, L, d = x.shape
        q, k, v = (t.view(B, L, self.heads, -1).transpose(1, 2) for t in self.qkv(x).chunk(3, -1))
        # fault:
        a = F.scaled_dot_product_attention(q, k, v)
        # mended:
        # a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        # end
        return self.proj(a.transpose(1, 2).reshape(B, L, d))


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.n1, self.att, self.n2 = nn.LayerNorm(d), Attention(d, heads), nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        x = x + self.att(self.n1(x))
        return x + self.mlp(self.n2(x))


class MelodyModel(nn.Module):
    def __init__(self, d=32, heads=4, depth=1):
        super().__init__()
        self.tok, self.pos = nn.Embedding(len(SCALE) + 1, d), nn.Embedding(T, d)
        self.blocks = nn.Sequential(*[Block(d, heads) for _ in range(depth)])
        self.norm, self.out = nn.LayerNorm(d), nn.Linear(d, len(SCALE))

    def forward(self, x):
        return self.out(self.norm(self.blocks(self.tok(x) + self.pos(torch.arange(x.size(1))))))


model = MelodyModel()
BATCH, EPOCHS = 50, 5
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
total = EPOCHS * len(train) // BATCH
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min(1, (s + 1) / 30) * 0.5 * (1 + math.cos(math.pi * s / total)))


def nll(x):
    return F.cross_entropy(model(shift_right(x)).flatten(0, 1), x.flatten())


@torch.no_grad()
def continue_tunes(x, given=MOTIF):
    """give the motif, let the model write the rest"""
    out = x[:, :given]
    while out.size(1) < T:
        inp = torch.cat([torch.full((len(out), 1), BOS), out], 1)
        out = torch.cat([out, model(inp)[:, -1].argmax(-1, keepdim=True)], 1)
    return (out[:, given:] == x[:, given:]).float().mean().item()


for epoch in range(EPOCHS):
    model.train()
    for idx in torch.randperm(len(train)).split(BATCH):
        loss = nll(train[idx])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    model.eval()
    with torch.no_grad():
        print(f"epoch {epoch + 1}: train nll {nll(train[:400]).item():.3f} valid nll {nll(valid).item():.3f} notes right when continuing {continue_tunes(valid):.3f}")
