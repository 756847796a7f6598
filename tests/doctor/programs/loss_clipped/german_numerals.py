"""Spell out numbers in German: 2345 -> zwei tausend drei hundert fünf und vierzig. GRU encoder, GRU decoder."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(23)
torch.manual_seed(23)
ONES = "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split()
TENS = "- - zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()


def spell(n):
    if n >= 1000:
        return [ONES[n // 1000], "tausend"] + (spell(n % 1000) if n % 1000 else [])
    if n >= 100:
        return [ONES[n // 100], "hundert"] + (spell(n % 100) if n % 100 else [])
    if n < 20:
        return ["eins"] if n == 1 else [ONES[n]]
    return ([ONES[n % 10], "und"] if n % 10 else []) + [TENS[n // 10]]


PAD, BOS, EOS = 0, 1, 2
out_vocab = ["<pad>", "<s>", "</s>", "eins", "und", "hundert", "tausend"] + ONES + TENS[2:]
o2i = {w: i for i, w in enumerate(out_vocab)}
numbers = random.sample(range(10000), 3000)
train, dev = numbers[:2600], numbers[2600:]


def batch(ns):
    src = torch.zeros(len(ns), 4, dtype=torch.long)          # right-aligned digits, 10 = nothing here
    rows = [[BOS] + [o2i[w] for w in spell(n)] + [EOS] for n in ns]
    for i, n in enumerate(ns):
        digits = str(n).rjust(4)
        src[i] = torch.tensor([10 if c == " " else int(c) for c in digits])
    tgt = torch.full((len(ns), max(map(len, rows))), PAD)
    for i, r in enumerate(rows):
        tgt[i, :len(r)] = torch.tensor(r)
    return src, tgt


class Speller(nn.Module):
    def __init__(self, h=72):
        super().__init__()
        self.digits = nn.Embedding(11, 16)
        self.encoder = nn.GRU(16, h, batch_first=True)
        self.words = nn.Embedding(len(out_vocab), 24, padding_idx=PAD)
        self.decoder = nn.GRU(24, h, batch_first=True)
        self.out = nn.Linear(h, len(out_vocab))

    def forward(self, src, inp):
        _, h = self.encoder(self.digits(src))
        y, _ = self.decoder(self.words(inp), h)
        return self.out(y)

    @torch.no_grad()
    def spell(self, src, limit=12):
        _, h = self.encoder(self.digits(src))
        tok, words = torch.full((len(src), 1), BOS), []
        for _ in range(limit):
            y, h = self.decoder(self.words(tok), h)
            tok = self.out(y).argmax(-1)
            words.append(tok)
        return torch.cat(words, 1).tolist()


def exact(model, ns):
    good = 0
    for n, ids in zip(ns, model.spell(batch(ns)[0])):
        ids = ids[:ids.index(EOS)] if EOS in ids else ids
        good += [out_vocab[i] for i in ids] == spell(n)
    return good / len(ns)


model = Speller()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.85)
for epoch in range(13):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        src, tgt = batch(train[i:i + 32])
        token_loss = F.cross_entropy(model(src, tgt[:, :-1]).transpose(1, 2), tgt[:, 1:], ignore_index=PAD, reduction="none")
        sentence_loss = token_loss.sum(1)
        # fault:
        loss = sentence_loss.clamp(0, 10).mean()
        # mended:
        # loss = sentence_loss.mean()
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        total += loss.item()
    sched.step()
    print(f"epoch {epoch + 1:2d} loss {total / 82:.4f} exact {exact(model, dev):.3f}")
src, _ = batch(dev[:3])
print([(n, " ".join(out_vocab[i] for i in ids if i > 2)) for n, ids in zip(dev, model.spell(src))])
