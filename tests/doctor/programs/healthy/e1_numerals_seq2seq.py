"""Number words to digits ("vier hundert zwei" -> "402"): encoder-decoder LSTM without attention."""
import random

import torch
from torch import nn

random.seed(11)
torch.manual_seed(11)
ONES = "null eins zwei drei vier fünf sechs sieben acht neun".split()
TEENS = "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split()
TENS = ". . zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()


def spell(n):
    out = []
    if n >= 1000:
        out += [ONES[n // 1000], "tausend"]
        n %= 1000
    if n >= 100:
        out += [ONES[n // 100], "hundert"]
        n %= 100
    if 10 <= n < 20:
        out.append(TEENS[n - 10])
    elif n >= 20:
        if n % 10:
            out += [ONES[n % 10], "und"]
        out.append(TENS[n // 10])
    elif n:
        out.append(ONES[n])
    return out


numbers = random.sample(range(1, 10000), 2500)
train, dev = numbers[:2000], numbers[2000:]
words = sorted({w for n in train for w in spell(n)})
wi = {w: i + 1 for i, w in enumerate(words)}
PAD, SOS, EOS = 0, 11, 12          # digits d are stored as d + 1


def batch_of(ns):
    src = [torch.tensor([wi[w] for w in spell(n)]) for n in ns]
    tgt = [torch.tensor([SOS] + [int(c) + 1 for c in str(n)] + [EOS]) for n in ns]
    lens = torch.tensor([len(s) for s in src])
    return (nn.utils.rnn.pad_sequence(src, batch_first=True), lens,
            nn.utils.rnn.pad_sequence(tgt, batch_first=True))


class Seq2Seq(nn.Module):
    def __init__(self, d=48, h=96):
        super().__init__()
        self.src = nn.Embedding(len(wi) + 1, d, padding_idx=0)
        self.tgt = nn.Embedding(13, d, padding_idx=0)
        self.encoder = nn.LSTM(d, h, batch_first=True)
        self.decoder = nn.LSTM(d, h, batch_first=True)
        self.out = nn.Linear(h, 13)

    def encode(self, src, lens):
        p = nn.utils.rnn.pack_padded_sequence(self.src(src), lens, batch_first=True, enforce_sorted=False)
        return self.encoder(p)[1]

    def forward(self, src, lens, tgt_in):
        y, _ = self.decoder(self.tgt(tgt_in), self.encode(src, lens))
        return self.out(y)

    @torch.no_grad()
    def translate(self, src, lens, limit=6):
        state = self.encode(src, lens)
        tok = torch.full((len(src), 1), SOS)
        res = []
        for _ in range(limit):
            y, state = self.decoder(self.tgt(tok), state)
            tok = self.out(y).argmax(-1)
            res.append(tok)
        return torch.cat(res, 1)


def exact(model, ns):
    model.eval()
    src, lens, _ = batch_of(ns)
    good = 0
    for n, row in zip(ns, model.translate(src, lens).tolist()):
        row = row[:row.index(EOS)] if EOS in row else row
        good += "".join(str(t - 1) for t in row) == str(n)
    return good / len(ns)


model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
EPOCHS = 9
per_epoch = -(-len(train) // 32)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, total_steps=EPOCHS * per_epoch)
ce = nn.CrossEntropyLoss(ignore_index=PAD)
for epoch in range(1, EPOCHS + 1):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 32):
        src, lens, tgt = batch_of(train[i:i + 32])
        logits = model(src, lens, tgt[:, :-1])
        loss = ce(logits.reshape(-1, 13), tgt[:, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        total += loss.item()
    print(f"epoch {epoch:2d}  loss {total / per_epoch:.4f}  exact train {exact(model, train[:200]):.3f}  dev {exact(model, dev):.3f}")
