# Rewriting dates the way people say them into ISO format: attention seq2seq, greedy decoding at the end
import datetime
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

random.seed(12)
torch.manual_seed(12)
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
BOS, EOS, PAD = 10, 11, 12          # digits are 0..9


def spoken(d):
    m = MONTHS[d.month - 1]
    return random.choice([["the", f"{d.day}", "of", m, f"{d.year}"], [m, f"{d.day}", f"{d.year}"],
                          ["on", f"{d.day}", m, "in", f"{d.year}"], [f"{d.year}", m, f"{d.day}"]])


start = datetime.date(2000, 1, 1)
days = random.sample(range(365 * 20), 1900)
pairs = []
for n in days:
    d = start + datetime.timedelta(days=n)
    pairs.append((spoken(d), [int(c) for c in d.strftime("%y%m%d")]))
# weekdays are sometimes mentioned and never matter
pairs = [((["friday"] if random.random() < 0.2 else []) + s, t) for s, t in pairs]
train, test = pairs[:1600], pairs[1600:]
words = {"<pad>": 0, "<unk>": 1}
for s, _ in train:
    for w in s:
        words.setdefault(w, len(words))


def collate(batch):
    width = max(len(s) for s, _ in batch)
    src = torch.tensor([[words.get(w, 1) for w in s] + [0] * (width - len(s)) for s, _ in batch])
    tgt = torch.tensor([[BOS] + t + [EOS] for _, t in batch])
    return src, tgt


class Rewriter(nn.Module):
    def __init__(self, n_src, dim=48):
        super().__init__()
        self.src = nn.Embedding(n_src, dim, padding_idx=0)
        self.place = nn.Embedding(8, dim)
        self.tgt = nn.Embedding(12, dim)
        self.enc = nn.Linear(dim, dim)
        self.cell = nn.GRUCell(2 * dim, dim)
        self.out = nn.Linear(2 * dim, 12)
        self.dim = dim

    def encode(self, src):
        e = self.src(src)
        keep = (src != 0).unsqueeze(-1).float()
        memory = torch.tanh(self.enc(e + self.place(torch.arange(src.size(1)))))
        return memory, src == 0, (memory * keep).sum(1) / keep.sum(1)

    def step(self, prev, h, context, memory, blank):
        h = self.cell(torch.cat([self.tgt(prev), context], -1), h)
        energy = (memory @ h.unsqueeze(-1)).squeeze(-1) / self.dim ** 0.5
        a = energy.masked_fill(blank, -1e9).softmax(-1)
        context = (a.unsqueeze(-1) * memory).sum(1)
        return self.out(torch.cat([h, context], -1)), h, context

    def forward(self, src, tgt):
        memory, blank, h = self.encode(src)
        context, outs = h, []
        for t in range(tgt.size(1)):
            o, h, context = self.step(tgt[:, t], h, context, memory, blank)
            outs.append(o)
        return torch.stack(outs, 1)

    @torch.no_grad()
    def decode(self, src, limit=9):
        self.eval()
        memory, blank, h = self.encode(src)
        context, prev, out = h, torch.full((len(src),), BOS), []
        for _ in range(limit):
            o, h, context = self.step(prev, h, context, memory, blank)
            prev = o.argmax(-1)
            out.append(prev)
        return torch.stack(out, 1)


def exact(rows):
    src, tgt = collate(rows)
    made = model.decode(src).tolist()
    return sum(m[:m.index(EOS)] == t[1:-1] for m, t in zip(made, tgt.tolist()) if EOS in m) / len(rows)


model = Rewriter(len(words))
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
for epoch in range(1, 8):
    model.train()
    total = 0.0
    for src, tgt in DataLoader(train, batch_size=40, shuffle=True, collate_fn=collate):
        logits = model(src, tgt[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), tgt[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item() / 40
    if epoch > 1:
        print(f"epoch {epoch:2d} loss {total:.3f} exact train {exact(train[:300]):.3f} test {exact(test):.3f}")
src, _ = collate(test[:3])
for (s, _), m in zip(test, model.decode(src).tolist()):
    print(" ".join(s), "->", "".join(str(c) if c < 10 else "." for c in m[:m.index(EOS)] if EOS in m))
