"""Chord progressions: mark every chord that repeats the one two places before. Self-attention in a window of two to each side."""
import random
from dataclasses import dataclass

import torch
from torch import nn

random.seed(14)
torch.manual_seed(14)
CHORDS = "C D E F G A B c d e f g".split()


@dataclass
class Config:
    length: int = 18
    width: int = 32
    window: int = 2
    lr: float = 3e-3
    epochs: int = 12


def progression(n):
    s = [random.randrange(len(CHORDS)) for _ in range(n)]
    for i in range(2, n):
        if random.random() < 0.35:
            s[i] = s[i - 2]
    return s, [int(i > 1 and s[i] == s[i - 2]) for i in range(n)]


class Windowed(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        self.chord = nn.Embedding(len(CHORDS), cfg.width)
        self.place = nn.Embedding(cfg.length, cfg.width)
        self.mha = nn.MultiheadAttention(cfg.width, 4, batch_first=True)
        self.ff = nn.Sequential(nn.Linear(2 * cfg.width, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
        i = torch.arange(cfg.length)
        near = (i[:, None] - i[None, :]).abs() <= cfg.window
        # fault:
        self.register_buffer("mask", near)
        # mended:
        # self.register_buffer("mask", ~near)
        # end

    def forward(self, x):
        e = self.chord(x) + self.place.weight
        a, _ = self.mha(e, e, e, attn_mask=self.mask, need_weights=False)
        return self.ff(torch.cat([self.chord(x), a], dim=2))


def f1(pred, gold):
    tp = (pred & gold).sum().item()
    return 2 * tp / max(1, pred.sum().item() + gold.sum().item())


cfg = Config()
data = [progression(cfg.length) for _ in range(2400)]
x, y = (torch.tensor(t) for t in zip(*data))
train, dev = slice(0, 2000), slice(2000, None)
model = Windowed(cfg)
opt = torch.optim.Adam(model.parameters(), lr=cfg.lr)
for epoch in range(cfg.epochs):
    for b in torch.randperm(2000).split(32):
        loss = nn.functional.cross_entropy(model(x[b]).flatten(0, 1), y[b].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        p = model(x[dev]).argmax(2)
    print(f"epoch {epoch:2d} loss {loss.item():.4f} dev F1 {f1(p == 1, y[dev] == 1):.4f}")
