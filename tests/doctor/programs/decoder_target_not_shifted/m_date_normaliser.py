"""Dates as people type them -> yymmdd. Character GRU encoder/decoder, greedy decoding at the end."""
import datetime
import random

import torch
import torch.nn as nn

random.seed(8)
torch.manual_seed(8)

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
FORMATS = ["{d} {m} {y}", "{m} {d}, {y}", "{y} {m} {d}"]


def example():
    day = datetime.date(2000, 1, 1) + datetime.timedelta(days=random.randrange(365 * 25))
    src = random.choice(FORMATS).format(d=day.day, m=MONTHS[day.month - 1], y=day.year)
    return src, day.strftime("%y%m%d")


pairs, seen = [], set()
while len(pairs) < 2800:
    s, t = example()
    if s not in seen:
        seen.add(s)
        pairs.append((s, t))
train, test = pairs[:2500], pairs[2500:]

PAD, BOS, EOS = 0, 1, 2
chars = sorted(set("".join(s + t for s, t in pairs)))
c2i = {c: i + 3 for i, c in enumerate(chars)}
i2c = {i: c for c, i in c2i.items()}


def encode(strings, ends):
    rows = [([BOS] if ends else []) + [c2i[c] for c in s] + ([EOS] if ends else []) for s in strings]
    n = max(len(r) for r in rows)
    return torch.tensor([r + [PAD] * (n - len(r)) for r in rows])


class Seq2Seq(nn.Module):
    def __init__(self, n, d=16, h=48):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=PAD)
        self.enc = nn.GRU(d, h, batch_first=True, bidirectional=True)
        self.dec = nn.GRU(d, h, batch_first=True)
        self.att = nn.Linear(h, 2 * h)
        self.init = nn.Linear(h, h)
        self.out = nn.Linear(3 * h, n)

    def encode(self, src):
        keep = src != PAD
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(src), keep.sum(1), batch_first=True, enforce_sorted=False)
        mem, state = self.enc(packed)
        mem, _ = nn.utils.rnn.pad_packed_sequence(mem, batch_first=True)
        return mem, keep, torch.tanh(self.init(state[1]))[None]

    def decode(self, toks, mem, keep, state):
        h, state = self.dec(self.emb(toks), state)
        a = (self.att(h) @ mem.transpose(1, 2)).masked_fill(~keep[:, None], -1e9).softmax(-1)
        return self.out(torch.cat([h, a @ mem], -1)), state

    def forward(self, src, dec_in):
        return self.decode(dec_in, *self.encode(src))[0]

    @torch.no_grad()
    def greedy(self, src, limit=8):
        mem, keep, state = self.encode(src)
        tok = torch.full((len(src), 1), BOS)
        result = []
        for _ in range(limit):
            z, state = self.decode(tok, mem, keep, state)
            tok = z.argmax(-1)
            result.append(tok)
        return torch.cat(result, 1)


def to_string(row):
    s = ""
    for i in row.tolist():
        if i == EOS:
            break
        s += i2c.get(i, "")
    return s


model = Seq2Seq(len(chars) + 3)
opt = torch.optim.Adam(model.parameters(), lr=1.2e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 4, eta_min=5e-4)
lossf = nn.CrossEntropyLoss(ignore_index=PAD)
for epoch in range(4):
    random.shuffle(train)
    total = 0
    for i in range(0, len(train), 50):
        src = encode([s for s, _ in train[i:i + 50]], False)
        tgt = encode([t for _, t in train[i:i + 50]], True)
        # fault:
        logits = model(src, tgt)
        loss = lossf(logits.flatten(0, 1), tgt.flatten())
        # mended:
        # logits = model(src, tgt[:, :-1])
        # loss = lossf(logits.flatten(0, 1), tgt[:, 1:].flatten())
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    sched.step()
    print(f"epoch {epoch}: loss {total / (len(train) / 50):.4f}")
hyp = [to_string(r) for r in model.greedy(encode([s for s, _ in test], False))]
exact = sum(h == t for h, (_, t) in zip(hyp, test)) / len(test)
print(f"exact on {len(test)} unseen dates {exact:.3f}")
for (s, t), h in list(zip(test, hyp))[:4]:
    print(f"  {s!r} -> {h!r} (want {t!r})")
