"""Backwards dictation: a string of digits as words, to be written in reverse.  GRU encoder and GRU decoder."""
import random

import torch
from torch import nn
from torch.nn import functional as F

random.seed(47)
torch.manual_seed(47)
WORDS = "null eins zwei drei vier fünf sechs sieben acht neun und".split()
PAD, BOS, EOS = 0, 1, 2
LONGEST = 9


def sample():
    digits = [random.randrange(10) for _ in range(random.randint(4, 8))]
    spoken = []
    for d in digits:
        spoken.append(d + 1)
        if random.random() < 0.15:
            spoken.append(11)
    return spoken, [d + 3 for d in reversed(digits)] + [EOS]


def batchify(rows):
    n, m = max(len(s) for s, _ in rows), max(len(t) for _, t in rows)
    src = torch.tensor([s + [0] * (n - len(s)) for s, _ in rows])
    tgt = torch.tensor([[BOS] + t + [PAD] * (m - len(t)) for _, t in rows])
    return src, tgt


class Seq2Seq(nn.Module):
    def __init__(self, dim=32, hidden=64):
        super().__init__()
        self.src = nn.Embedding(len(WORDS) + 1, dim, padding_idx=PAD)
        self.tgt = nn.Embedding(13, dim, padding_idx=PAD)
        self.enc = nn.GRU(dim, hidden, batch_first=True)
        self.dec = nn.GRUCell(dim, hidden)
        self.out = nn.Linear(hidden, 13)

    def encode(self, src):
        packed = nn.utils.rnn.pack_padded_sequence(self.src(src), (src != PAD).sum(1), batch_first=True, enforce_sorted=False)
        return self.enc(packed)[1][0]

    def step(self, token, h):
        h = self.dec(self.tgt(token), h)
        return self.out(h), h

    def forward(self, src, tgt):
        h, outs = self.encode(src), []
        for t in range(tgt.shape[1] - 1):
            o, h = self.step(tgt[:, t], h)
            outs.append(o)
        return torch.stack(outs, 1)

    def greedy(self, src, steps):
        h, token, outs = self.encode(src), torch.full((len(src),), BOS), []
        for _ in range(steps):
            o, h = self.step(token, h)
            token = o.argmax(-1)
            outs.append(o)
        return torch.stack(outs, 1)


def evaluate(model, rows):
    model.eval()
    src, tgt = batchify(rows)
    with torch.no_grad():
        # fault:
        guess = model(src, tgt).argmax(-1)
        # mended:
        # guess = model.greedy(src, tgt.shape[1] - 1).argmax(-1)
        # end
    gold = tgt[:, 1:]
    real = gold != PAD
    return (guess == gold)[real].float().mean().item(), ((guess == gold) | ~real).all(1).float().mean().item()


data = list({tuple(s): (s, t) for s, t in (sample() for _ in range(7000))}.values())
random.shuffle(data)
train, dev = data[600:], data[:600]
model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(5):
    model.train()
    random.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 64):
        src, tgt = batchify(train[k:k + 64])
        loss = F.cross_entropy(model(src, tgt).flatten(0, 1), tgt[:, 1:].flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    tok, seq = evaluate(model, dev)
    print(f"epoch {epoch + 1} loss {total / (len(train) / 64):.3f} dev: right digits {tok:.3f}, whole numbers {seq:.3f}")
