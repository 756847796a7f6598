#!/usr/bin/env python
# "vier hundert zwei und dreissig" -> 4 3 2 <eos>.  GRU encoder-decoder with dot attention, after the PyTorch tutorial.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(9); torch.manual_seed(9)
EINS = "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split()
ZEHN = "x x zwanzig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig".split()


def below100(n):
    if n < 20:
        return [EINS[n]]
    z, e = divmod(n, 10)
    return ([EINS[e], "und"] if e else []) + [ZEHN[z]]


def spell(n):
    out = []
    if n >= 1000:
        out += [EINS[n // 1000], "tausend"]; n %= 1000
    if n >= 100:
        out += [EINS[n // 100], "hundert"]; n %= 100
    return out + (below100(n) if n else [])


numbers = random.sample(range(100, 10000), 2900)
vocab = {w: i + 1 for i, w in enumerate(dict.fromkeys(w for n in range(1, 2000) for w in spell(n)))}
BOS, EOS, PAD = 10, 11, 12


def tensors(nums):
    nums = sorted(nums, key=lambda n: len(spell(n)))
    src = [torch.tensor([vocab[w] for w in spell(n)]) for n in nums]
    tgt = [torch.tensor([BOS] + [int(c) for c in str(n)] + [EOS]) for n in nums]
    lens = torch.tensor([len(s) for s in src])
    return (nn.utils.rnn.pad_sequence(src, batch_first=True), lens, nn.utils.rnn.pad_sequence(tgt, batch_first=True, padding_value=PAD))


class Encoder(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.gru = nn.GRU(d, h, batch_first=True)

    def forward(self, src, lens):
        out, h = self.gru(nn.utils.rnn.pack_padded_sequence(self.emb(src), lens, batch_first=True, enforce_sorted=False))
        return nn.utils.rnn.pad_packed_sequence(out, batch_first=True, total_length=src.size(1))[0], h[0]


class Decoder(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.emb = nn.Embedding(13, d, padding_idx=PAD)
        self.cell = nn.GRUCell(d + h, h)
        self.wq = nn.Linear(h, h, bias=False)
        self.out = nn.Linear(2 * h, 12)

    def step(self, tok, h, ctx, mem, bad):
        h = self.cell(torch.cat([self.emb(tok), ctx], 1), h)
        e = (mem @ self.wq(h).unsqueeze(2)).squeeze(2).masked_fill(bad, float("-inf"))
        ctx = (F.softmax(e, 1).unsqueeze(1) @ mem).squeeze(1)
        return self.out(torch.cat([h, ctx], 1)), h, ctx


enc, dec = Encoder(24, 48), Decoder(12, 48)
e_opt = torch.optim.Adam(enc.parameters(), lr=8e-3)
d_opt = torch.optim.Adam(dec.parameters(), lr=8e-3)


def exact(nums):
    enc.eval(); dec.eval()
    src, lens, tgt = tensors(nums)
    with torch.no_grad():
        mem, h = enc(src, lens)
        tok, ctx = torch.full((len(src),), BOS), torch.zeros_like(h)
        said, done = [], torch.zeros(len(src), dtype=torch.bool)
        for _ in range(6):
            logits, h, ctx = dec.step(tok, h, ctx, mem, src == 0)
            tok = torch.where(done, torch.tensor(PAD), logits.argmax(1))
            done |= tok == EOS
            said.append(tok)
    said = torch.stack(said, 1)
    gold = F.pad(tgt[:, 1:], (0, 6 - (tgt.size(1) - 1)), value=PAD)
    return (said == gold).all(1).float().mean().item()


train, test = numbers[:2100], numbers[2500:]
EPOCHS = 5
for epoch in range(1, EPOCHS + 1):
    random.shuffle(train); enc.train(); dec.train()
    if epoch == 4:
        for o in (e_opt, d_opt):
            o.param_groups[0]["lr"] = 2e-3
    tot = 0
    for s in range(0, len(train), 50):
        src, lens, tgt = tensors(train[s:s + 50])
        mem, h = enc(src, lens)
        ctx, loss = torch.zeros_like(h), 0
        for t in range(tgt.size(1) - 1):
            logits, h, ctx = dec.step(tgt[:, t], h, ctx, mem, src == 0)
            loss = loss + F.cross_entropy(logits, tgt[:, t + 1], ignore_index=PAD, reduction="sum")
        loss = loss / (tgt[:, 1:] != PAD).sum()
        e_opt.zero_grad(); d_opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([*enc.parameters(), *dec.parameters()], 1.0)
        e_opt.step(); d_opt.step()
        tot += loss.item()
    print(f"epoch {epoch}  loss {tot / (len(train) / 50):.4f}  exact match: train {exact(train[:300]):.3f} unseen {exact(test):.3f}")
