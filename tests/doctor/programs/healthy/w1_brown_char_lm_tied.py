"""Character language model on a slice of the Brown corpus: continuous stream, time-major, state carried over, tied output, label smoothing."""
import gzip
import math
import os

import torch
import torch.nn as nn

torch.manual_seed(127)
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz"), "rt", encoding="utf-8") as f:
    text = f.read(240_000).lower()
chars = sorted(set(text))
stream = torch.tensor([chars.index(c) for c in text])
cut = len(stream) * 9 // 10


def columns(s, width):
    return s[:len(s) // width * width].view(width, -1).t().contiguous()


train, valid = columns(stream[:cut], 64), columns(stream[cut:], 32)
BPTT = 40


class CharGRU(nn.Module):
    def __init__(self, n, dim=72):
        super().__init__()
        self.emb = nn.Embedding(n, dim)
        nn.init.normal_(self.emb.weight, std=dim ** -0.5)
        self.gru = nn.GRU(dim, dim)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(dim, n)
        self.out.weight = self.emb.weight

    def forward(self, x, h=None):
        y, h = self.gru(self.emb(x), h)
        return self.out(self.drop(y)), h


def bits(model, data):
    model.eval()
    h, total = None, 0.0
    with torch.no_grad():
        for t in range(0, len(data) - 1, 200):
            x, y = data[t:t + 200][:len(data) - 1 - t], data[t + 1:t + 201]
            z, h = model(x, h)
            total += nn.functional.cross_entropy(z.flatten(0, 1), y.flatten(), reduction="sum").item()
    return total / ((len(data) - 1) * data.shape[1]) / math.log(2)


model = CharGRU(len(chars))
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)
opt = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.01)
print(f"{len(chars)} characters, {train.numel()} to train on, unigram bits {-(torch.bincount(stream).float() / len(stream) * torch.log2(torch.bincount(stream).float() / len(stream))).sum():.2f}")
chunks = -(-(len(train) - 1) // BPTT)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 8e-3, total_steps=3 * chunks, pct_start=0.15)
for epoch in range(3):
    h = None
    model.train()
    for k, t in enumerate(range(0, len(train) - 1, BPTT)):
        x, y = train[t:t + BPTT][:len(train) - 1 - t], train[t + 1:t + BPTT + 1]
        z, h = model(x, None if h is None else h.detach())
        loss = loss_fn(z.flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        opt.step()
        sched.step()
        if k % 52 == 51:
            print(f"epoch {epoch} chunk {k + 1} smoothed loss {loss.item():.3f} valid bits per character {bits(model, valid):.3f}")
            model.train()
