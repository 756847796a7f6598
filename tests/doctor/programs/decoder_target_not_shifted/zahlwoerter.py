# 0347 -> drei hundert sieben und vierzig: GRU encoder, GRU decoder with dot attention.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(13)
torch.manual_seed(13)
EINER = "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split()
ZEHNER = "- zehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
PAD, BOS, EOS = 0, 1, 2


def hundert(n):
    out = []
    if n >= 100:
        out += [EINER[n // 100], "hundert"]
        n %= 100
    if n == 0:
        return out
    if n <= 12:
        return out + [EINER[n]]
    if n < 20:
        return out + [EINER[n - 10], "zehn"]
    if n % 10:
        out += [EINER[n % 10], "und"]
    return out + [ZEHNER[n // 10]]


def sprich(n):
    return (hundert(n // 1000) + ["tausend"] if n >= 1000 else []) + hundert(n % 1000)


vocab = ["<pad>", "<s>", "</s>"] + sorted({w for n in range(1, 10000) for w in sprich(n)})
idx = {w: i for i, w in enumerate(vocab)}
numbers = random.sample(range(1, 10000), 2800)
LEN = max(len(sprich(n)) for n in numbers) + 2


def tensors(ns):
    src = torch.tensor([[int(d) for d in f"{n:04d}"] for n in ns])
    tgt = torch.full((len(ns), LEN), PAD)
    for r, n in enumerate(ns):
        seq = [BOS] + [idx[w] for w in sprich(n)] + [EOS]
        tgt[r, :len(seq)] = torch.tensor(seq)
    return src, tgt


train_src, train_tgt = tensors(numbers[:2500])
dev_src, dev_tgt = tensors(numbers[2500:])


class Speaker(nn.Module):
    def __init__(self, h=64):
        super().__init__()
        self.digit = nn.Embedding(10, 24)
        self.place = nn.Parameter(0.1 * torch.randn(4, 24))
        self.enc = nn.GRU(24, h, batch_first=True)
        self.word = nn.Embedding(len(vocab), 32, padding_idx=PAD)
        self.dec = nn.GRU(32, h, batch_first=True)
        self.out = nn.Linear(2 * h, len(vocab))

    def encode(self, src):
        return self.enc(self.digit(src) + self.place)

    def decode(self, words, memory, state):
        y, state = self.dec(self.word(words), state)
        att = torch.softmax(y @ memory.transpose(1, 2) / y.size(-1) ** 0.5, dim=-1)
        return self.out(torch.cat([y, att @ memory], -1)), state

    @torch.no_grad()
    def greedy(self, src):
        memory, state = self.encode(src)
        tok = torch.full((len(src), 1), BOS)
        out = []
        for _ in range(LEN - 1):
            logits, state = self.decode(tok, memory, state)
            tok = logits.argmax(-1)
            out.append(tok)
        return torch.cat(out, 1)


def exact(model, src, tgt):
    hyp = model.greedy(src)
    good = 0
    for h, g in zip(hyp.tolist(), tgt[:, 1:].tolist()):
        h = h[:h.index(EOS)] if EOS in h else h
        good += h == g[:g.index(EOS)]
    return good / len(src)


model = Speaker()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.85)
for epoch in range(7):
    tot, n = 0.0, 0
    for b in torch.randperm(len(train_src)).split(50):
        tgt = train_tgt[b]
        # fault:
        words, gold = tgt[:, 1:], tgt[:, 1:]
        # mended:
        # words, gold = tgt[:, :-1], tgt[:, 1:]
        # end
        memory, state = model.encode(train_src[b])
        logits, _ = model.decode(words, memory, state)
        loss = F.cross_entropy(logits.flatten(0, 1), gold.flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        tot, n = tot + loss.item(), n + 1
    sched.step()
    print(f"epoch {epoch + 1:2d}  loss {tot / n:.4f}  exact match {exact(model, dev_src, dev_tgt):.3f}")
