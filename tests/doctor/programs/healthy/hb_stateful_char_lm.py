"""Letter model on the Brown corpus, the state is carried over from chunk to chunk and cut there (truncated BPTT), (T, B) layout."""
import gzip
import math
import os
import re

import torch
from torch import nn

torch.manual_seed(1)
with gzip.open(os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "corpora", "brown.txt.gz"), "rt", encoding="utf-8") as f:
    text = re.sub("[^a-z]+", " ", " ".join(next(f).lower() for _ in range(2400)))
ids = torch.tensor([0 if c == " " else ord(c) - 96 for c in text])
cut = int(0.93 * len(ids))


def batchify(x, b):
    return x[: len(x) // b * b].view(b, -1).t().contiguous()


train, valid = batchify(ids[:cut], 32), batchify(ids[cut:], 32)
BPTT = 24


class CharGRU(nn.Module):
    def __init__(self, h=96):
        super().__init__()
        self.emb, self.rnn, self.dec = nn.Embedding(27, 32), nn.GRU(32, h), nn.Linear(h, 27)

    def forward(self, x, h):
        o, h = self.rnn(self.emb(x), h)
        return self.dec(o), h


def repackage(h):
    return None if h is None else h.detach()


net = CharGRU()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
ce = nn.CrossEntropyLoss()


def chunks(data):
    for t in range(0, len(data) - 1, BPTT):
        n = min(BPTT, len(data) - 1 - t)
        yield data[t : t + n], data[t + 1 : t + 1 + n]


n_steps = sum(1 for _ in chunks(train))
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, total_steps=n_steps * 2)
for epoch in range(2):
    h = None
    for k, (x, y) in enumerate(chunks(train)):
        out, h = net(x, repackage(h))
        loss = ce(out.view(-1, 27), y.reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        opt.step()
        sched.step()
    with torch.no_grad():
        h, s, n = None, 0.0, 0
        for x, y in chunks(valid):
            out, h = net(x, h)
            s, n = s + ce(out.view(-1, 27), y.reshape(-1)).item() * y.numel(), n + y.numel()
    print(f"epoch {epoch} loss {loss.item():.4f} valid bits per letter {s / n / math.log(2):.4f}")
