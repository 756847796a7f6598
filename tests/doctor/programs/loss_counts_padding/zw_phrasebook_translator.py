#!/usr/bin/env python3
"""English -> "Islandish" phrasebook, encoder-decoder. Adjectives go behind the noun, there are no articles.

Time runs along the first axis everywhere.
"""
import random
import torch
import torch.nn as nn

random.seed(6)
torch.manual_seed(6)
PAD, BOS, EOS = 0, 1, 2
MAXLEN = 24

nouns = "house boat fish tree child river stone bird king road hill song".split()
adjs = "old red small wet bright cold".split()
verbs = "sees takes loves finds leaves hears".split()
syll = [c + v for c in "klmnprst" for v in "aiou"]
made = random.Random(9).sample([a + b for a in syll for b in syll], len(nouns + adjs + verbs) + 1)
LEX = dict(zip(nouns + adjs + verbs + ["and"], made))


def noun_phrase():
    n, a = random.choice(nouns), random.choice(adjs + [None] * 4)
    return (["the", a, n], [LEX[n], LEX[a]]) if a else (["the", n], [LEX[n]])


def clause():
    (s, st), (o, ot), v = noun_phrase(), noun_phrase(), random.choice(verbs)
    return s + [v] + o, st + [LEX[v]] + ot


def phrase():
    r = random.random()
    if r < 0.35:
        return noun_phrase()
    a = clause()
    if r < 0.93:
        return a
    b = clause()
    return a[0] + ["and"] + b[0], a[1] + [LEX["and"]] + b[1]


rows = list({tuple(s): (s, t) for s, t in (phrase() for _ in range(2400))}.values())
random.shuffle(rows)
test, train = rows[:200], rows[200:]
src = {w: i + 3 for i, w in enumerate(["the", "and"] + nouns + adjs + verbs)}
trg = {w: i + 3 for i, w in enumerate(LEX.values())}
back = {i: w for w, i in trg.items()}


def batch(rows):
    x = torch.zeros(MAXLEN, len(rows), dtype=torch.long)
    y = torch.zeros(MAXLEN, len(rows), dtype=torch.long)
    for k, (s, t) in enumerate(rows):
        s, t = [src[w] for w in s] + [EOS], [BOS] + [trg[w] for w in t] + [EOS]
        x[:len(s), k], y[:len(t), k] = torch.tensor(s), torch.tensor(t)
    return x, y


class Translator(nn.Module):
    def __init__(self, d=32, h=48):
        super().__init__()
        self.se = nn.Embedding(len(src) + 3, d, padding_idx=PAD)
        self.te = nn.Embedding(len(trg) + 3, d, padding_idx=PAD)
        self.enc = nn.GRU(d, h // 2, bidirectional=True)
        self.dec = nn.GRU(d, h)
        self.init = nn.Linear(h, h)
        self.q = nn.Linear(h, h, bias=False)
        self.mix = nn.Linear(2 * h, d)
        self.bias = nn.Parameter(torch.zeros(len(trg) + 3))

    def encode(self, x):
        n = (x != PAD).sum(0)
        packed = nn.utils.rnn.pack_padded_sequence(self.se(x), n, enforce_sorted=False)
        out, last = self.enc(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, total_length=x.size(0))
        return out, torch.tanh(self.init(torch.cat([last[0], last[1]], 1)))[None], x == PAD

    def decode(self, y, h, memory, blank):
        o, h = self.dec(self.te(y), h)
        w = torch.einsum("tbh,sbh->bts", self.q(o), memory).masked_fill(blank.t()[:, None], -1e9).softmax(-1)
        c = torch.einsum("bts,sbh->tbh", w, memory)
        return torch.tanh(self.mix(torch.cat([o, c], -1))) @ self.te.weight.t() + self.bias, h


@torch.no_grad()
def translate(net, rows):
    net.eval()
    x, _ = batch(rows)
    m, h, blank = net.encode(x)
    tok, outs = torch.full((1, len(rows)), BOS), []
    for _ in range(14):
        logit, h = net.decode(tok, h, m, blank)
        tok = logit.argmax(-1)
        outs.append(tok[0])
    res = []
    for col in torch.stack(outs, 1).tolist():
        res.append([back.get(i, "?") for i in (col[:col.index(EOS)] if EOS in col else col)])
    return res


net = Translator()
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=PAD)
# end
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(1, 5):
    net.train()
    random.shuffle(train)
    total = n = 0
    if epoch == 4:
        opt.param_groups[0]["lr"] *= 0.3
    for k in range(0, len(train), 32):
        x, y = batch(train[k:k + 32])
        logits, _ = net.decode(y[:-1], *(lambda m, h, b: (h, m, b))(*net.encode(x)))
        loss = criterion(logits.reshape(-1, logits.size(-1)), y[1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        total += loss.item(); n += 1
    said = translate(net, test)
    exact = sum(a == t for a, (_, t) in zip(said, test)) / len(test)
    print(f"epoch {epoch} loss {total / n:.4f} unseen phrases right {exact:.3f}")
print("train phrases right", sum(a == t for a, (_, t) in zip(translate(net, train[:250]), train)) / 250)
for a, (s, t) in list(zip(said, test))[:3]:
    print(" ".join(s), "=>", " ".join(a), "|", " ".join(t))
