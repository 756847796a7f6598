"""Type of a statement in a bank chat; vectors come from a MATLAB export (one long column of numbers)."""
import random
import tempfile

import numpy as np
import torch
from torch import nn

random.seed(58); np.random.seed(58); torch.manual_seed(58)
heads = "ac de fi ho ka lu me no pa ri so ta".split()
lex = [a + b + c for a in heads for b in ("ra", "ne", "li", "go") for c in ("d", "m", "s")]
random.shuffle(lex)
kinds, rest = [lex[:24], lex[24:48], lex[48:72]], lex[72:]
order = sorted(lex)
mu = np.random.randn(3, 30) * 0.4
full = np.stack([np.random.randn(30) * 0.35 + next((mu[k] for k in range(3) if w in kinds[k]), 0) for w in order])  # V x D
dump = tempfile.mkdtemp() + "/W.txt"
np.savetxt(dump, full.flatten(order="F"), fmt="%.4f")

flat = np.loadtxt(dump, dtype=np.float32)
# fault:
W = flat.reshape(len(order), -1)
# mended:
# W = flat.reshape(-1, len(order)).T.copy()
# end
stoi = {w: i + 1 for i, w in enumerate(order)}
embedding = nn.Embedding.from_pretrained(torch.cat([torch.zeros(1, 30), torch.from_numpy(W)]), freeze=True, padding_idx=0)


def chat(y, k):
    t = random.choices(rest, k=random.randint(4, 9)) + random.sample(kinds[y][:k], 3)
    random.shuffle(t)
    return t


train, dev = [(chat(i % 3, 12), i % 3) for i in range(240)], [(chat(i % 3, 24), i % 3) for i in range(300)]
lstm, fc = nn.LSTM(30, 20), nn.Linear(20, 3)
opt = torch.optim.Adam([*lstm.parameters(), *fc.parameters()], lr=8e-3)


def forward(rows):
    n = torch.tensor([len(t) for t, _ in rows])
    x = nn.utils.rnn.pad_sequence([torch.tensor([stoi[w] for w in t]) for t, _ in rows])
    _, (h, _) = lstm(nn.utils.rnn.pack_padded_sequence(embedding(x), n, enforce_sorted=False))
    return fc(h[0]), torch.tensor([y for _, y in rows])


for epoch in range(10):
    random.shuffle(train)
    agg = 0
    for i in range(0, 240, 20):
        out, y = forward(train[i:i + 20])
        loss = nn.functional.cross_entropy(out, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        agg += loss.item() / 12
    with torch.no_grad():
        out, y = forward(dev)
    print(f"epoch {epoch:2d} loss {agg:.4f} dev accuracy {(out.argmax(1) == y).float().mean().item():.4f}")
