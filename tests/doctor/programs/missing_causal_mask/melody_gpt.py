"""A tiny GPT on folk melodies (numbered notes), attention written out; judged by held-out loss and by playing along note by note."""
import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(43)
torch.manual_seed(43)
NOTES, LENGTH = 16, 24
prefs = rng.dirichlet(np.full(NOTES, 0.12), size=(NOTES, 4))


def melody():
    out = [int(rng.integers(NOTES))]
    for t in range(1, LENGTH):
        out.append(int(rng.choice(NOTES, p=prefs[out[-1], t % 4])))
    return out


tunes = torch.tensor([melody() for _ in range(1500)])
train, valid = tunes[:1300], tunes[1300:]


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.register_buffer("past", torch.ones(LENGTH, LENGTH, dtype=torch.bool).tril())

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = (z.view(b, t, self.heads, d // self.heads).transpose(1, 2) for z in self.qkv(self.norm1(x)).split(d, dim=2))
        # fault:
        att = q @ k.transpose(-2, -1) / math.sqrt(k.shape[-1])
        # mended:
        # att = (q @ k.transpose(-2, -1) / math.sqrt(k.shape[-1])).masked_fill(~self.past[:t, :t], float("-inf"))
        # end
        x = x + self.proj((att.softmax(-1) @ v).transpose(1, 2).reshape(b, t, d))
        return x + self.mlp(self.norm2(x))


class MelodyGPT(nn.Module):
    def __init__(self, d=32, heads=2, layers=2):
        super().__init__()
        self.note, self.place = nn.Embedding(NOTES, d), nn.Embedding(LENGTH, d)
        self.blocks = nn.ModuleList([Block(d, heads) for _ in range(layers)])
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, NOTES, bias=False)

    def forward(self, x):
        h = self.note(x) + self.place(torch.arange(x.shape[1]))
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))


def play_along(model, data):
    """guess every note from those before it, one call each"""
    hits = [(model(data[:, :t])[:, -1].argmax(-1) == data[:, t]).float().mean() for t in range(1, LENGTH)]
    return torch.stack(hits).mean().item()


model = MelodyGPT()
decay = [p for p in model.parameters() if p.dim() > 1]
plain = [p for p in model.parameters() if p.dim() <= 1]
opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}], lr=4e-3)
for epoch in range(10):
    model.train()
    for idx in torch.randperm(len(train)).split(50):
        tune = train[idx]
        loss = F.cross_entropy(model(tune[:, :-1]).flatten(0, 1), tune[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    if epoch % 3 == 0:
        model.eval()
        with torch.no_grad():
            held = F.cross_entropy(model(valid[:, :-1]).flatten(0, 1), valid[:, 1:].flatten()).item()
            print(f"epoch {epoch} train {loss.item():.3f} held-out loss {held:.3f} perplexity {math.exp(held):.2f} playing along {play_along(model, valid):.3f}")
