# -*- coding: utf-8 -*-
"""347 -> "üç yüz kırk yedi": digits to Turkish number words with a GRU encoder-decoder and attention."""
import random
import torch
import torch.nn as nn

random.seed(6)
torch.manual_seed(6)
ONES = ["", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
TENS = ["", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"]


def below_thousand(n):
    h, t, o = n // 100, n // 10 % 10, n % 10
    return ([ONES[h]] if h > 1 else []) + (["yüz"] if h else []) + [w for w in (TENS[t], ONES[o]) if w]


def say(n):
    k, r = divmod(n, 1000)
    out = (below_thousand(k) if k > 1 else []) + (["bin"] if k else []) + below_thousand(r)
    return out or ["sıfır"]


PAD, BOS, EOS = 0, 1, 2
itos = ["<pad>", "<s>", "</s>"] + sorted({w for n in range(2000) for w in say(n)})
stoi = {w: i for i, w in enumerate(itos)}
MAXOUT, MAXIN = 24, 6


def random_number():
    return random.randrange(10 ** random.choices([1, 2, 3, 4], [1, 3, 4, 2])[0])


numbers = list({random_number() for _ in range(9000)})
random.shuffle(numbers)
src = torch.zeros(len(numbers), MAXIN, dtype=torch.long)
tgt = torch.full((len(numbers), MAXOUT), PAD)
for i, n in enumerate(numbers):
    d = [int(c) + 1 for c in str(n)]
    src[i, :len(d)] = torch.tensor(d)
    s = [BOS] + [stoi[w] for w in say(n)] + [EOS]
    tgt[i, :len(s)] = torch.tensor(s)
N_DEV = 300
train_i, dev_i = torch.arange(N_DEV, len(numbers)), torch.arange(N_DEV)


class Seq2Seq(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.es = nn.Embedding(11, d, padding_idx=0)
        self.pos = nn.Embedding(MAXIN, d)
        self.et = nn.Embedding(len(itos), d, padding_idx=PAD)
        self.enc = nn.Sequential(nn.Linear(2 * d, d), nn.Tanh())
        self.dec = nn.GRU(2 * d, d, batch_first=True)
        self.out = nn.Linear(2 * d, len(itos))

    def encode(self, s):
        n = (s > 0).sum(1, keepdim=True)
        back = (n - 1 - torch.arange(MAXIN)).clamp(min=0)      # units are always at 0
        m = self.enc(torch.cat([self.es(s), self.pos(back)], -1))
        keep = s > 0
        h = (m * keep[..., None]).sum(1)
        return m, keep, h.unsqueeze(0)

    def decode(self, mem, tok):
        m, keep, h = mem
        c0 = h[0].unsqueeze(1).expand(-1, tok.shape[1], -1)
        o, h = self.dec(torch.cat([self.et(tok), torch.tanh(c0)], -1), h)
        a = (o @ m.transpose(1, 2)).masked_fill(~keep[:, None, :], -1e9).softmax(-1)
        return self.out(torch.cat([o, a @ m], -1))


def per_token(model, s, t):
    logp = model.decode(model.encode(s), t[:, :-1]).log_softmax(-1)
    gold = t[:, 1:]
    # fault:
    weight = torch.ones(gold.shape)
    # mended:
    # weight = (gold != PAD).float()
    # end
    picked = logp.gather(2, gold.unsqueeze(2)).squeeze(2)
    loss = -(picked * weight).sum() / weight.sum()
    acc = ((logp.argmax(-1) == gold).float() * weight).sum() / weight.sum()
    return loss, acc


@torch.no_grad()
def translate(model, s):
    mem = model.encode(s)
    base, h = mem, mem[2]
    tok = torch.full((len(s), 1), BOS)
    for _ in range(12):
        z = model.decode(base, tok)[:, -1:]
        tok = torch.cat([tok, z.argmax(-1)], 1)
    res = []
    for row in tok[:, 1:].tolist():
        res.append([itos[i] for i in (row[:row.index(EOS)] if EOS in row else row)])
    return res


model = Seq2Seq()
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
print(len(train_i), "training numbers")
for epoch in range(5):
    model.train()
    tot = 0
    batches = train_i[torch.randperm(len(train_i))].split(50)
    for b in batches:
        loss, _ = per_token(model, src[b], tgt[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        tot += loss.item()
    model.eval()
    with torch.no_grad():
        dl, da = per_token(model, src[dev_i], tgt[dev_i])
    exact = sum(h == say(numbers[i]) for i, h in zip(dev_i.tolist(), translate(model, src[dev_i]))) / N_DEV
    print(f"epoch {epoch} train {tot / len(batches):.4f} dev {dl.item():.4f} token acc {da.item():.3f} exact {exact:.3f}")
