"""Compress telegram text: drop the small words. Transformer, sequences cut to a block size."""
import random

import torch
from torch import nn

random.seed(161)
torch.manual_seed(161)
CONTENT = "arrive send money meet mother train delayed letter urgent doctor harbour noon".split()
SMALL = "the a to of at is will with".split()
PAD, BOS, EOS = 0, 1, 2
vocab = {w: i + 3 for i, w in enumerate(CONTENT + SMALL)}
BLOCK = 8


def telegram():
    kept = random.sample(CONTENT, random.randint(2, 5))
    full = []
    for w in kept:
        full += random.choices(SMALL, k=random.randint(0, 1)) + [w]
    return full, kept


def tensorise(rows):
    src = torch.full((len(rows), 10), PAD)
    tgt = torch.full((len(rows), BLOCK), PAD)
    for i, (full, kept) in enumerate(rows):
        src[i, : len(full)] = torch.tensor([vocab[w] for w in full])
        ids = [BOS] + [vocab[w] for w in kept] + [EOS]
        # fault:
        ids = ids[:-1]
        # mended:
        # ids = ids[:BLOCK]
        # end
        tgt[i, : len(ids)] = torch.tensor(ids)
    return src, tgt


class Compressor(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.tok = nn.Embedding(len(vocab) + 3, d, padding_idx=PAD)
        self.pos = nn.Embedding(16, d)
        self.enc = nn.TransformerEncoderLayer(d, 2, 80, 0.0, batch_first=True)
        self.dec = nn.TransformerDecoderLayer(d, 2, 80, 0.0, batch_first=True)
        self.head = nn.Linear(d, len(vocab) + 3)

    def forward(self, src, tgt):
        pad = src == PAD
        mem = self.enc(self.tok(src) + self.pos(torch.arange(src.size(1))), src_key_padding_mask=pad)
        causal = torch.ones(tgt.size(1), tgt.size(1)).triu(1).bool()
        h = self.dec(self.tok(tgt) + self.pos(torch.arange(tgt.size(1))), mem, tgt_mask=causal, memory_key_padding_mask=pad)
        return self.head(h)


model = Compressor()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(1, 261):
    src, tgt = tensorise([telegram() for _ in range(32)])
    logits = model(src, tgt[:, :-1])
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), tgt[:, 1:].flatten(), ignore_index=PAD)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 65 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
tests = [telegram() for _ in range(150)]
with torch.no_grad():
    src, _ = tensorise(tests)
    out = torch.full((150, 1), BOS)
    for _ in range(9):
        out = torch.cat([out, model(src, out)[:, -1:].argmax(-1)], 1)
decoded = []
for row in out[:, 1:].tolist():
    decoded.append(row[: row.index(EOS)] if EOS in row else row)
print("mean length", sum(map(len, decoded)) / 150)
print("telegrams right", sum(d == [vocab[w] for w in kept] for d, (_, kept) in zip(decoded, tests)) / 150)
