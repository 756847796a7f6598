"""Translate weekdays and times between two notations with a small encoder-decoder."""
import random
import zlib

import torch
import torch.nn as nn

random.seed(205)
torch.manual_seed(205)
DAYS = "monday tuesday wednesday thursday friday".split()
HOURS = "one two three four five six seven eight nine ten".split()
vocab_in = ["<pad>"] + DAYS + HOURS + ["at", "half", "past", "on", "meet"]
vocab_out = ["<pad>", "<s>", "</s>"] + [d[:2] for d in DAYS] + [str(i) for i in range(1, 11)] + [":00", ":30"]
si, ti = {w: i for i, w in enumerate(vocab_in)}, {w: i for i, w in enumerate(vocab_out)}


def pair():
    d, h, half = random.randrange(5), random.randrange(10), random.random() < 0.5
    clock = (["half", "past"] if half else []) + [HOURS[h]]
    src = random.choice([["meet", "on", DAYS[d], "at"] + clock, ["at"] + clock + ["on", DAYS[d]]])
    return src, [DAYS[d][:2], str(h + 1), ":30" if half else ":00"]


def held_out(tokens):
    return zlib.crc32(" ".join(tokens).encode()) % 5 == 0


def fresh(n, dev):
    rows = []
    while len(rows) < n:
        row = pair()
        if held_out(row[0]) == dev:
            rows.append(row)
    return rows


def batch(n, dev=False):
    rows = fresh(n, dev)
    src = nn.utils.rnn.pad_sequence([torch.tensor([si[w] for w in s]) for s, _ in rows], batch_first=True)
    tgt = torch.tensor([[1] + [ti[w] for w in t] + [2] for _, t in rows])
    return src, tgt


class EncoderRNN(nn.Module):
    def __init__(self, n, h):
        super().__init__()
        self.embedding = nn.Embedding(n, h, padding_idx=0)
        self.gru = nn.GRU(h, h, batch_first=True)

    def forward(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), (x != 0).sum(1), batch_first=True, enforce_sorted=False)
        return self.gru(packed)[1]


class DecoderRNN(nn.Module):
    def __init__(self, n, h):
        super().__init__()
        self.embedding = nn.Embedding(n, h, padding_idx=0)
        self.gru = nn.GRU(h, h, batch_first=True)
        self.out = nn.Linear(h, n)
        # fault:
        self.softmax = nn.Softmax(dim=-1)
        # mended:
        # self.softmax = nn.LogSoftmax(dim=-1)
        # end

    def forward(self, y, h):
        o, h = self.gru(self.embedding(y), h)
        return self.softmax(self.out(o)), h


encoder, decoder = EncoderRNN(len(vocab_in), 48), DecoderRNN(len(vocab_out), 48)
enc_opt, dec_opt = torch.optim.Adam(encoder.parameters(), lr=2e-3), torch.optim.Adam(decoder.parameters(), lr=2e-3)
criterion = nn.NLLLoss(ignore_index=0)
for it in range(1, 161):
    src, tgt = batch(32)
    out, _ = decoder(tgt[:, :-1], encoder(src))
    loss = criterion(out.flatten(0, 1), tgt[:, 1:].flatten())
    enc_opt.zero_grad()
    dec_opt.zero_grad()
    loss.backward()
    enc_opt.step()
    dec_opt.step()
    if it % 40 == 0:
        print(f"iteration {it} loss {loss.item():.4f}")
with torch.no_grad():
    src, tgt = batch(200, dev=True)
    h, y, said = encoder(src), tgt[:, :1], []
    for _ in range(4):
        p, h = decoder(y, h)
        y = p.argmax(-1)
        said.append(y)
print("exact", (torch.cat(said, 1) == tgt[:, 1:]).all(1).float().mean().item())
