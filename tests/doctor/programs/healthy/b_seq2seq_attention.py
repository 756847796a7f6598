"""Word-order change between two toy languages; GRU encoder-decoder with attention, scheduled teacher forcing."""
import random
import zlib

import torch
from torch import nn

random.seed(301)
torch.manual_seed(301)
SUBJ, VERB, OBJ = "i you he they".split(), "eat see buy sell".split(), "fish rice books shoes".split()
OUT = {w: w[::-1] + "u" for w in SUBJ + VERB + OBJ}
src_ids = {w: i + 3 for i, w in enumerate(OUT)}
tgt_ids = {w: i + 3 for i, w in enumerate(OUT.values())}


def pair():
    s, v, o = random.choice(SUBJ), random.choice(VERB), random.choice(OBJ)
    out = [OUT[s], OUT[o], OUT[v]]  # the target language puts the verb last
    src = [s, v, o]
    if random.random() < 0.5:
        extra = random.choice(OBJ)
        src.append(extra)
        out.insert(2, OUT[extra])
    return src, out


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
    x = nn.utils.rnn.pad_sequence([torch.tensor([src_ids[w] for w in s]) for s, _ in rows], batch_first=True)
    y = nn.utils.rnn.pad_sequence([torch.tensor([1] + [tgt_ids[w] for w in t] + [2]) for _, t in rows], batch_first=True)
    return x, y


class Attn(nn.Module):
    def __init__(self, h=48):
        super().__init__()
        self.src, self.tgt = nn.Embedding(20, 24, padding_idx=0), nn.Embedding(20, 24, padding_idx=0)
        self.enc = nn.GRU(24, h, batch_first=True)
        self.cell = nn.GRUCell(24 + h, h)
        self.score = nn.Linear(2 * h, 1)
        self.out = nn.Linear(2 * h, 20)

    def forward(self, x, y, teacher=1.0):
        packed = nn.utils.rnn.pack_padded_sequence(self.src(x), (x != 0).sum(1), batch_first=True, enforce_sorted=False)
        mem, h = self.enc(packed)
        mem, _ = nn.utils.rnn.pad_packed_sequence(mem, batch_first=True)
        h, token, logits = h[0], y[:, 0], []
        for t in range(1, y.size(1)):
            e = self.score(torch.cat([mem, h.unsqueeze(1).expand_as(mem)], 2)).squeeze(2)
            ctx = (e.masked_fill(x == 0, -1e9).softmax(1).unsqueeze(2) * mem).sum(1)
            h = self.cell(torch.cat([self.tgt(token), ctx], 1), h)
            logits.append(self.out(torch.cat([h, ctx], 1)))
            token = y[:, t] if random.random() < teacher else logits[-1].argmax(1)
        return torch.stack(logits, 1)


model = Attn()
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
ce = nn.CrossEntropyLoss(ignore_index=0)
for step in range(1, 181):
    x, y = batch(32)
    loss = ce(model(x, y, teacher=0.7).flatten(0, 1), y[:, 1:].flatten())
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    if step % 45 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    x, y = batch(200, dev=True)
    out = model(x, y, teacher=0.0).argmax(-1)
    ok = ((out == y[:, 1:]) | (y[:, 1:] == 0)).all(1).float().mean().item()
print("free-running exact match", ok)
