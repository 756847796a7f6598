# Human dates -> ISO dates. GRU encoder, additive attention, GRUCell decoder, greedy decoding.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(3); torch.manual_seed(3)
MONTHS = "january february march april may june july august september october november december".split()
PAD, BOS, EOS = 0, 1, 2


def make():
    y, m, d = random.randint(1990, 2019), random.randint(1, 12), random.randint(1, 28)
    mo = MONTHS[m - 1]
    forms = [f"{d} {mo} {y}", f"{mo} {d} {y}", f"{d} {mo[:3]} {y}", f"{y} {mo[:3]} {d}"]
    return random.choice(forms), f"{y}-{m:02d}-{d:02d}"


pairs = {}
while len(pairs) < 2000:
    s, t = make()
    pairs[s] = t
pairs = list(pairs.items())
random.shuffle(pairs)
train, dev = pairs[:1600], pairs[1600:]
# words are tokens, numbers are spelled digit by digit


def src_tokens(s):
    out = []
    for w in s.split():
        out += list(w) + ["_"] if w.isdigit() else [w[:3], "_"]
    return out


sv = {w: i + 1 for i, w in enumerate(sorted({c for s, _ in train for c in src_tokens(s)}))}
tv = {c: i + 3 for i, c in enumerate("-0123456789")}
inv = {i: c for c, i in tv.items()}


def batchify(rows):
    S = [[sv[c] for c in src_tokens(s)] for s, _ in rows]
    T = [[BOS] + [tv[c] for c in t] + [EOS] for _, t in rows]
    n, m = max(map(len, S)), max(map(len, T))
    return torch.tensor([s + [PAD] * (n - len(s)) for s in S]), torch.tensor([t + [PAD] * (m - len(t)) for t in T])


class Encoder(nn.Module):
    def __init__(self, n, d=32, h=48):
        super().__init__()
        self.emb = nn.Embedding(n + 1, d, padding_idx=0)
        self.rnn = nn.GRU(d, h, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * h, 96)

    def forward(self, src):
        lens = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(src), lens, batch_first=True, enforce_sorted=False)
        out, h = self.rnn(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True, total_length=src.size(1))
        return out, torch.tanh(self.bridge(torch.cat([h[0], h[1]], 1)))


class Decoder(nn.Module):
    def __init__(self, n, d=32, h=96):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.cell = nn.GRUCell(d + 96, h)
        self.wq, self.wk, self.v = nn.Linear(h, 64), nn.Linear(96, 64, bias=False), nn.Linear(64, 1, bias=False)
        self.out = nn.Linear(h + 96, n)

    def step(self, y, h, mem, keys, mask):
        score = self.v(torch.tanh(keys + self.wq(h).unsqueeze(1))).squeeze(2).masked_fill(mask, -1e9)
        ctx = torch.bmm(F.softmax(score, 1).unsqueeze(1), mem).squeeze(1)
        h = self.cell(torch.cat([self.emb(y), ctx], 1), h)
        return self.out(torch.cat([h, ctx], 1)), h


enc, dec = Encoder(len(sv)), Decoder(len(tv) + 3)
params = list(enc.parameters()) + list(dec.parameters())
opt = torch.optim.Adam(params, lr=4e-3)


def loss_on(rows):
    src, tgt = batchify(rows)
    mem, h = enc(src)
    keys, mask = dec.wk(mem), src == PAD
    logits = []
    for t in range(tgt.size(1) - 1):
        o, h = dec.step(tgt[:, t], h, mem, keys, mask)
        logits.append(o)
    return F.cross_entropy(torch.stack(logits, 2), tgt[:, 1:], ignore_index=PAD)


@torch.no_grad()
def exact_match(rows):
    enc.eval(); dec.eval()
    src, _ = batchify(rows)
    mem, h = enc(src)
    keys, mask = dec.wk(mem), src == PAD
    y = torch.full((len(rows),), BOS)
    outs = []
    for _ in range(14):
        o, h = dec.step(y, h, mem, keys, mask)
        y = o.argmax(1)
        outs.append(y)
    ok = 0
    for seq, (_, gold) in zip(torch.stack(outs, 1).tolist(), rows):
        s = ""
        for k in seq:
            if k == EOS:
                break
            s += inv.get(k, "?")
        ok += s == gold
    return ok / len(rows)


for epoch in range(4):
    enc.train(); dec.train()
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 40):
        loss = loss_on(train[i:i + 40])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
        tot += loss.item()
    if epoch >= 2:
        for g in opt.param_groups:
            g["lr"] *= 0.5
    print(f"epoch {epoch + 1} loss {tot / 40:.4f} exact match train {exact_match(train[:200]):.3f} dev {exact_match(dev):.3f}")
