"""Chunk noun phrases; the step budget is set in the config."""
import random

import torch
from torch import nn

random.seed(148)
torch.manual_seed(148)
# fault:
CONFIG = {"steps": 25, "batch": 32, "lr": 2e-3}
# mended:
# CONFIG = {"steps": 160, "batch": 32, "lr": 2e-3}
# end
DT, JJ, NN, VB, IN = "the a my".split(), "old red big shy".split(), "cat hill lamp road duck".split(), "sees took left ran".split(), "on by with under".split()
ids = {w: i + 1 for i, w in enumerate(DT + JJ + NN + VB + IN)}


def chunk():
    words, tags = [], []
    if random.random() < 0.8:
        words.append(random.choice(DT))
    words += random.choices(JJ, k=random.randint(0, 2)) + random.choices(NN, k=random.randint(1, 2))
    return words, [1] + [2] * (len(words) - 1)


def sentence():
    words, tags = chunk()
    for _ in range(random.randint(1, 2)):
        w, t = chunk()
        words += [random.choice(VB + IN)] + w
        tags += [0] + t
    return words, tags


def batch(n):
    rows = [sentence() for _ in range(n)]
    x = nn.utils.rnn.pad_sequence([torch.tensor([ids[w] for w in ws]) for ws, _ in rows], batch_first=True)
    y = nn.utils.rnn.pad_sequence([torch.tensor(t) for _, t in rows], batch_first=True, padding_value=-100)
    return x, y


class Chunker(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(ids) + 1, 16, padding_idx=0)
        self.r = nn.GRU(16, 24, batch_first=True, bidirectional=True)
        self.o = nn.Linear(48, 3)

    def forward(self, x):
        n = (x != 0).sum(1)
        p = nn.utils.rnn.pack_padded_sequence(self.e(x), n, batch_first=True, enforce_sorted=False)
        return self.o(nn.utils.rnn.pad_packed_sequence(self.r(p)[0], batch_first=True)[0])


model = Chunker()
opt = torch.optim.Adam(model.parameters(), lr=CONFIG["lr"])
ce = nn.CrossEntropyLoss(ignore_index=-100)
for step in range(1, CONFIG["steps"] + 1):
    x, y = batch(CONFIG["batch"])
    loss = ce(model(x).flatten(0, 1), y.flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % max(1, CONFIG["steps"] // 5) == 0:
        print(f"step {step} loss {loss.item():.4f}")
with torch.no_grad():
    x, y = batch(300)
    keep = y >= 0
    print("chunk tag accuracy", (model(x).argmax(-1)[keep] == y[keep]).float().mean().item())
