"""Normalise dates: '3 march 2019' to '2019-03-03', character by character on the output side."""
import random
import zlib

import torch
from torch import nn

random.seed(150)
torch.manual_seed(150)
MONTHS = "january february march april may june july august september october november december".split()
SRC = ["<pad>"] + MONTHS + [str(d) for d in range(1, 29)] + [str(y) for y in range(2010, 2020)] + ["the", "of"]
TGT = ["<pad>", "<sos>", "<eos>"] + list("0123456789-")
s2i, t2i = {w: i for i, w in enumerate(SRC)}, {c: i for i, c in enumerate(TGT)}


def sample():
    d, m, y = random.randint(1, 28), random.randrange(12), random.randint(2010, 2019)
    words = random.choice([[str(d), MONTHS[m], str(y)], [MONTHS[m], str(d), str(y)], ["the", str(d), "of", MONTHS[m], str(y)]])
    return words, f"{m + 1:02d}-{d:02d}-{y % 10}"


def held_out(tokens):
    return zlib.crc32(" ".join(tokens).encode()) % 5 == 0


def fresh(n, dev):
    rows = []
    while len(rows) < n:
        row = sample()
        if held_out(row[0]) == dev:
            rows.append(row)
    return rows


def batch(n, dev=False):
    rows = fresh(n, dev)
    src = nn.utils.rnn.pad_sequence([torch.tensor([s2i[w] for w in ws]) for ws, _ in rows], batch_first=True)
    tgt = torch.tensor([[1] + [t2i[c] for c in out] + [2] for _, out in rows])
    return src, tgt


class Dates(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.src, self.tgt = nn.Embedding(len(SRC), d, padding_idx=0), nn.Embedding(len(TGT), d)
        self.spos, self.tpos = nn.Embedding(5, d), nn.Embedding(9, d)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(d, 4, 96, 0.0, batch_first=True), 1, enable_nested_tensor=False)
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(d, 4, 96, 0.0, batch_first=True), 1)
        self.out = nn.Linear(d, len(TGT))

    def forward(self, src, tgt):
        pad = src == 0
        mem = self.encoder(self.src(src) + self.spos(torch.arange(src.size(1))), src_key_padding_mask=pad)
        t = tgt.size(1)
        causal = torch.triu(torch.full((t, t), float("-inf")), 1)
        mask = torch.zeros(pad.shape).masked_fill(pad, float("-inf"))
        h = self.decoder(self.tgt(tgt) + self.tpos(torch.arange(t)), mem, tgt_mask=causal, memory_key_padding_mask=mask)
        return self.out(h)


model = Dates()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(1, 221):
    src, tgt = batch(32)
    # fault:
    decoder_input, labels = tgt[:, 1:], tgt[:, 1:]
    # mended:
    # decoder_input, labels = tgt[:, :-1], tgt[:, 1:]
    # end
    loss = nn.functional.cross_entropy(model(src, decoder_input).flatten(0, 1), labels.flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 55 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    src, tgt = batch(200, dev=True)
    out = torch.ones(200, 1, dtype=torch.long)
    for _ in range(tgt.size(1) - 1):
        out = torch.cat([out, model(src, out)[:, -1:].argmax(-1)], 1)
print("dates right", (out == tgt).all(1).float().mean().item())
