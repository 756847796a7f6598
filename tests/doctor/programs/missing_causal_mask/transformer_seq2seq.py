"""Passive to active voice with nn.Transformer."""
import random
import zlib

import torch
from torch import nn

random.seed(152)
torch.manual_seed(152)
N = "cat dog king nurse robot child chef queen".split()
V = {"seen": "sees", "fed": "feeds", "helped": "helps", "found": "finds", "drawn": "draws"}
A = "young clever tired quiet".split()


def np_():
    return (["the"] + ([random.choice(A)] if random.random() < 0.5 else [])) + [random.choice(N)]


def pair():
    patient, agent, v = np_(), np_(), random.choice(list(V))
    return patient + ["is", v, "by"] + agent, agent + [V[v]] + patient


words = ["<pad>", "<bos>", "<eos>", "the", "is", "by"] + N + list(V) + list(V.values()) + A
ids = {w: i for i, w in enumerate(words)}


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
    src = nn.utils.rnn.pad_sequence([torch.tensor([ids[w] for w in s]) for s, _ in rows], batch_first=True)
    tgt = nn.utils.rnn.pad_sequence([torch.tensor([1] + [ids[w] for w in t] + [2]) for _, t in rows], batch_first=True)
    return src, tgt


class Voice(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.d = d
        self.emb = nn.Embedding(len(words), d, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(12, d) * 0.1)
        self.transformer = nn.Transformer(d, 4, 1, 1, 64, dropout=0.0, batch_first=True)
        self.generator = nn.Linear(d, len(words))

    def embed(self, x):
        return self.emb(x) + self.pos[: x.size(1)]

    def forward(self, src, tgt):
        h = self.transformer(
            self.embed(src),
            self.embed(tgt),
            # fault:
            # mended:
            # tgt_mask=torch.ones(tgt.size(1), tgt.size(1)).triu(1).bool(),
            # end
            src_key_padding_mask=src == 0,
            tgt_key_padding_mask=tgt == 0,
            memory_key_padding_mask=src == 0,
        )
        return self.generator(h)


model = Voice()
criterion = nn.CrossEntropyLoss(ignore_index=0)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(1, 241):
    src, tgt = batch(32)
    loss = criterion(model(src, tgt[:, :-1]).reshape(-1, len(words)), tgt[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 60 == 0:
        print(f"step {step:4d} | loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    src, tgt = batch(150, dev=True)
    ys = torch.ones(150, 1, dtype=torch.long)
    for _ in range(tgt.size(1) - 1):
        nxt = model(src, ys)[:, -1].argmax(-1, keepdim=True)
        ys = torch.cat([ys, nxt], dim=1)
    goal = tgt[:, 1:]
    ok = ((ys[:, 1:] == goal) | (goal == 0)).all(1)
print("sentences right", ok.float().mean().item())
