"""Seq2seq with dot attention and half of the steps forced while training; the score comes from greedy decoding."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(54)
torch.manual_seed(54)
PAD, SOS, EOS = 0, 1, 2
A = "abcdefgh"


def pair():
    s = [random.choice(A) for _ in range(random.randint(2, 6))]
    return tuple(s), tuple(c.upper() for c in s[::-1])


data = sorted({pair() for _ in range(4000)})
random.shuffle(data)
src_ix, trg_ix = {c: i + 1 for i, c in enumerate(A)}, {c.upper(): i + 3 for i, c in enumerate(A)}


def batch(rows):
    pad = lambda r: nn.utils.rnn.pad_sequence([torch.tensor(v) for v in r], batch_first=True)  # noqa: E731
    return pad([[src_ix[c] for c in s] for s, _ in rows]), pad([[SOS] + [trg_ix[c] for c in t] + [EOS] for _, t in rows])


class Model(nn.Module):
    def __init__(self, h=48):
        super().__init__()
        self.es, self.et = nn.Embedding(len(A) + 1, 16, padding_idx=0), nn.Embedding(len(A) + 3, 16, padding_idx=0)
        self.enc, self.dec = nn.GRU(16, h, batch_first=True), nn.GRUCell(16, h)
        self.out = nn.Linear(2 * h, len(A) + 3)

    def forward(self, src, steps, trg=None, ratio=0.0):
        n = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.es(src), n, batch_first=True, enforce_sorted=False)
        mem, h = self.enc(packed)
        mem, _ = nn.utils.rnn.pad_packed_sequence(mem, batch_first=True)
        h, y, logits = h[0], torch.full((len(src),), SOS), []
        for t in range(steps):
            h = self.dec(self.et(y), h)
            a = (mem @ h.unsqueeze(2)).squeeze(2).masked_fill(src == PAD, -1e9).softmax(1)
            logits.append(self.out(torch.cat([h, (a.unsqueeze(1) @ mem).squeeze(1)], 1)))
            y = trg[:, t + 1] if trg is not None and random.random() < ratio else logits[-1].argmax(1)
        return torch.stack(logits, 1)


model = Model()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
train, dev = data[:1900], data[1900:2200]
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, len(train), 38):
        src, trg = batch(train[i : i + 38])
        logits = model(src, trg.size(1) - 1, trg, 0.5)
        loss = F.cross_entropy(logits.transpose(1, 2), trg[:, 1:], ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    with torch.no_grad():
        src, trg = batch(dev)
        out = model(src, 8).argmax(2).tolist()
    ok = sum((o + [EOS])[: (o + [EOS]).index(EOS)] == [v for v in t[1:] if v > EOS] for o, t in zip(out, trg.tolist()))
    print(f"epoch {epoch} loss {loss.item():.4f} dev exact {ok / len(dev):.3f}")
