"""Reads a number written out in English ("three thousand two hundred eleven") and writes its digits.

Exercise 4: encoder / decoder with dot product attention, greedy decoding on numbers never seen in training.
"""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(11)
torch.manual_seed(11)

ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen").split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def say(n):
    if n < 20:
        return [ONES[n]]
    if n < 100:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000:
        return [ONES[n // 100], "hundred"] + (say(n % 100) if n % 100 else [])
    return [ONES[n // 1000], "thousand"] + (say(n % 1000) if n % 1000 else [])


numbers = random.sample(range(1, 10000), 2400)
words = ["<pad>"] + sorted(set(ONES[1:] + TENS[2:] + ["hundred", "thousand"]))
w2i = {w: i for i, w in enumerate(words)}
PAD, SOS, EOS = 10, 11, 12                       # digits are 0..9


def encode(ns):
    srcs = [[w2i[w] for w in say(n)] for n in ns]
    tgts = [[SOS] + [int(c) for c in str(n)] + [EOS] for n in ns]
    S, T = max(map(len, srcs)), max(map(len, tgts))
    src = torch.tensor([s + [0] * (S - len(s)) for s in srcs])
    tgt = torch.tensor([t + [PAD] * (T - len(t)) for t in tgts])
    return src, tgt


class Speller(nn.Module):
    def __init__(self, hid=56):
        super().__init__()
        self.src_emb = nn.Embedding(len(words), 24, padding_idx=0)
        self.tgt_emb = nn.Embedding(13, 24, padding_idx=PAD)
        self.enc = nn.GRU(24, hid // 2, batch_first=True, bidirectional=True)
        self.dec = nn.GRU(24, hid, batch_first=True)
        self.out = nn.Linear(2 * hid, 13)

    def encode(self, src):
        lens = (src != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.src_emb(src), lens, batch_first=True, enforce_sorted=False)
        o, h = self.enc(packed)
        o, _ = nn.utils.rnn.pad_packed_sequence(o, batch_first=True, total_length=src.size(1))
        return o, torch.cat([h[0], h[1]], 1).unsqueeze(0), src == 0

    def decode(self, prev, memory, h, mask):
        d, h = self.dec(self.tgt_emb(prev), h)
        att = torch.bmm(d, memory.transpose(1, 2)).masked_fill(mask.unsqueeze(1), -1e9)
        ctx = torch.bmm(att.softmax(-1), memory)
        return self.out(torch.cat([d, ctx], -1)), h

    @torch.no_grad()
    def write(self, src, limit=6):
        memory, h, mask = self.encode(src)
        tok = torch.full((src.size(0), 1), SOS)
        result = []
        for _ in range(limit):
            logits, h = self.decode(tok, memory, h, mask)
            tok = logits.argmax(-1)
            result.append(tok)
        return torch.cat(result, 1).tolist()


def digits(ids):
    s = ""
    for i in ids:
        if i == EOS:
            break
        s += str(i) if i < 10 else "?"
    return s


train, test = numbers[:2000], numbers[2000:]
net = Speller()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
for epoch in range(1, 6):
    random.shuffle(train)
    total, steps = 0.0, 0
    net.train()
    for i in range(0, len(train), 50):
        src, tgt = encode(train[i:i + 50])
        memory, h, mask = net.encode(src)
        # fault:
        logits, _ = net.decode(tgt, memory, h, mask)
        loss = F.cross_entropy(logits.flatten(0, 1), tgt.flatten(), ignore_index=PAD)
        # mended:
        # logits, _ = net.decode(tgt[:, :-1], memory, h, mask)
        # loss = F.cross_entropy(logits.flatten(0, 1), tgt[:, 1:].flatten(), ignore_index=PAD)
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        total, steps = total + loss.item(), steps + 1
    net.eval()
    got = [digits(x) for x in net.write(encode(test)[0])]
    acc = sum(g == str(n) for g, n in zip(got, test)) / len(test)
    print(f"epoch {epoch}  loss {total / steps:.4f}  exact match on new numbers {acc:.3f}")
for n, g in list(zip(test, got))[:4]:
    print(" ".join(say(n)), "->", g)
