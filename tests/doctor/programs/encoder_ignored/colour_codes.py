"""Translate a row of colour names into a shop's code letters (GRU to LSTM, teacher forcing, greedy test)."""
import random

import torch
import torch.nn as nn

random.seed(14)
torch.manual_seed(14)
colours = "amber azure beige coral ebony ivory khaki lilac mauve olive pearl sepia".split()
codes = [c[0].upper() + c[-1].upper() for c in colours]
BOS, EOS = 0, 1
src_ids = {c: i for i, c in enumerate(colours)}
tgt_ids = {c: i + 2 for i, c in enumerate(codes)}


def make(n, k=4, apart=False):
    src, tgt = [], []
    for _ in range(n):
        row = random.sample(range(12), k)
        while (sum(row) % 10 == 0) != apart:
            row = random.sample(range(12), k)
        src.append([src_ids[colours[i]] for i in row])
        tgt.append([BOS] + [tgt_ids[codes[i]] for i in row] + [EOS])
    return torch.tensor(src), torch.tensor(tgt)


class Translate(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.src = nn.Embedding(12, d)
        self.tgt = nn.Embedding(14, d)
        self.encoder = nn.LSTM(d, d, batch_first=True)
        self.decoder = nn.LSTM(d, d, batch_first=True)
        self.out = nn.Linear(d, 14)

    def decode(self, y, state):
        # fault:
        h, new = self.decoder(self.tgt(y))
        # mended:
        # h, new = self.decoder(self.tgt(y), state)
        # end
        return self.out(h), new

    def forward(self, x, y):
        _, state = self.encoder(self.src(x))
        logits, _ = self.decode(y, state)
        return logits

    @torch.no_grad()
    def greedy(self, x, steps=5):
        _, state = self.encoder(self.src(x))
        y, outs = torch.full((len(x), 1), BOS), []
        for _ in range(steps):
            logits, state = self.decode(y, state)
            y = logits.argmax(-1)
            outs.append(y)
        return torch.cat(outs, 1)


net = Translate()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
xt, yt = make(200, apart=True)  # rows with these sums are never trained on
for step in range(1, 401):
    x, y = make(32)
    logits = net(x, y[:, :-1])
    loss = nn.functional.cross_entropy(logits.reshape(-1, 14), y[:, 1:].reshape(-1))
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 80 == 0:
        made = net.greedy(xt)
        print(f"step {step} loss {loss.item():.3f} symbols right {(made == yt[:, 1:]).float().mean():.3f} rows right {(made == yt[:, 1:]).all(1).float().mean():.3f}")
