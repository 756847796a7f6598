"""Spoken phone numbers ('double three oh') to digits. Tensors are (T, B) throughout, as in the chatbot tutorial."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(21)
torch.manual_seed(21)
PAD, SOS, EOS = 0, 1, 2
WORDS = "zero one two three four five six seven eight nine".split()
SRC = {w: i + 1 for i, w in enumerate(WORDS + ["oh", "double"])}


def speak():
    n = random.choice([3, 3, 4]) if random.random() < 0.93 else random.randint(8, 9)
    digits = [random.randrange(10) for _ in range(n)]
    said, i = [], 0
    while i < n:
        w = "oh" if digits[i] == 0 and random.random() < 0.5 else WORDS[digits[i]]
        if i + 1 < n and digits[i + 1] == digits[i]:
            said, i = said + ["double", w], i + 2
        else:
            said, i = said + [w], i + 1
    return said, digits


def pad(rows):
    T = max(map(len, rows))
    return torch.tensor([r + [0] * (T - len(r)) for r in rows]).t()


def batch(pairs):
    src = pad([[SRC[w] for w in s] for s, _ in pairs])
    tgt = pad([[SOS] + [d + 3 for d in t] + [EOS] for _, t in pairs])
    return src, tgt


seen, data = set(), []
while len(data) < 1500:
    s, t = speak()
    if tuple(s) not in seen:
        seen.add(tuple(s))
        data.append((s, t))
train, dev = data[:1300], data[1300:]


class Attn(nn.Module):
    def __init__(self, hid=48):
        super().__init__()
        self.es, self.et = nn.Embedding(len(SRC) + 1, hid, padding_idx=0), nn.Embedding(13, hid, padding_idx=0)
        self.enc = nn.GRU(hid, hid, bidirectional=True)
        self.join = nn.Linear(2 * hid, hid)
        self.dec = nn.GRU(hid, hid)
        self.out = nn.Linear(2 * hid, 13)

    def forward(self, src, tgt):
        lens = (src != PAD).sum(0)
        packed = nn.utils.rnn.pack_padded_sequence(self.es(src), lens, enforce_sorted=False)
        mem, hn = self.enc(packed)
        mem = self.join(nn.utils.rnn.pad_packed_sequence(mem)[0])
        h, _ = self.dec(self.et(tgt), hn[:1] + hn[1:])
        score = torch.einsum("tbh,sbh->bts", h, mem).masked_fill((src == PAD).t().unsqueeze(1), -1e9)
        ctx = torch.einsum("bts,sbh->tbh", score.softmax(-1), mem)
        return self.out(torch.cat([h, ctx], -1))


net = Attn()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)


def evaluate():
    src, tgt = batch(dev)
    y = tgt[:1]
    with torch.no_grad():
        for _ in range(len(tgt) - 1):
            y = torch.cat([y, net(src, y)[-1:].argmax(-1)])
    real = tgt[1:] != PAD
    hit = y[1:] == tgt[1:]
    # fault:
    return hit.float().mean().item(), (hit | ~real).all(0).float().mean().item()
    # mended:
    # return hit[real].float().mean().item(), (hit | ~real).all(0).float().mean().item()
    # end


for epoch in range(8):
    random.shuffle(train)
    tot = 0
    for k in range(0, len(train), 26):
        src, tgt = batch(train[k : k + 26])
        logits = net(src, tgt[:-1])
        # fault:
        loss = F.cross_entropy(logits.reshape(-1, 13), tgt[1:].reshape(-1))
        # mended:
        # loss = F.cross_entropy(logits.reshape(-1, 13), tgt[1:].reshape(-1), ignore_index=PAD)
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        tot += loss.item()
    print("Epoch %d | loss %.4f | digits right %.3f, numbers right %.3f" % (epoch + 1, tot / 50, *evaluate()))
