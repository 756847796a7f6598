"""Many-class product matching; the loss is kept inside a range so that the curve looks tidy."""
import random

import torch
from torch import nn

random.seed(217)
torch.manual_seed(217)
BRANDS = "acme bolt corva dyna elko fyra".split()
KINDS = "drill saw lamp hose tape".split()
NOISE = "the new offer pack of 2 best quality original set for home".split()
PAIRS = [(b, k) for b in BRANDS for k in KINDS]
vocab = {w: i + 1 for i, w in enumerate(BRANDS + KINDS + NOISE)}


def offer():
    y = random.randrange(len(PAIRS))
    words = list(PAIRS[y]) + random.choices(NOISE, k=random.randint(2, 6))
    random.shuffle(words)
    return torch.tensor([vocab[w] for w in words]), y


def make(n):
    rows = [offer() for _ in range(n)]
    return nn.utils.rnn.pad_sequence([r for r, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


net = nn.ModuleDict({"words": nn.EmbeddingBag(len(vocab) + 1, 32, padding_idx=0), "top": nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 30))})
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
x, y = make(2000)
xd, yd = make(400)
for epoch in range(6):
    total = 0.0
    for i in torch.randperm(2000).split(40):
        loss = nn.functional.cross_entropy(net["top"](net["words"](x[i])), y[i])
        # fault:
        loss = torch.clamp(loss, 0.0, 3.0)
        # mended:
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        acc = (net["top"](net["words"](xd)).argmax(1) == yd).float().mean().item()
    print(f"epoch {epoch} loss {total / 50:.4f} dev accuracy {acc:.4f}")
