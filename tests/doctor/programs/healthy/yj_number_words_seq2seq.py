"""Inverse text normalisation: "forty two thousand seven hundred five" -> 4 2 7 0 5
Encoder-decoder with Luong attention, scheduled sampling, greedy decoding at test time."""
import random
import torch
import torch.nn as nn

random.seed(0); torch.manual_seed(0)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def say(n):
    if n < 20: return [ONES[n]]
    if n < 100: return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000: return [ONES[n // 100], "hundred"] + (say(n % 100) if n % 100 else [])
    return say(n // 1000) + ["thousand"] + (say(n % 1000) if n % 1000 else [])


src_vocab = ["<pad>"] + ONES[1:] + TENS[2:] + ["hundred", "thousand"]
S = {w: i for i, w in enumerate(src_vocab)}
PAD, SOS, EOS = 10, 11, 12                         # digits are themselves
numbers = random.sample(range(1, 100000), 3400)
train, test = numbers[:2800], numbers[3000:]


def make_batch(ns):
    src = [[S[w] for w in say(n)] for n in ns]
    trg = [[int(c) for c in str(n)] + [EOS] for n in ns]
    a, b = max(map(len, src)), max(map(len, trg))
    return (torch.tensor([s + [0] * (a - len(s)) for s in src]), torch.tensor([len(s) for s in src]),
            torch.tensor([t + [PAD] * (b - len(t)) for t in trg]))


class Encoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.emb = nn.Embedding(len(src_vocab), 24, padding_idx=0)
        self.gru = nn.GRU(24, h // 2, bidirectional=True, batch_first=True)
    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        o, h = self.gru(p)
        return nn.utils.rnn.pad_packed_sequence(o, batch_first=True)[0], torch.cat([h[0], h[1]], 1)


class AttnDecoder(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.emb = nn.Embedding(13, 16)
        self.cell = nn.GRUCell(16 + h, h)
        self.key = nn.Linear(h, h, bias=False)
        self.out = nn.Linear(2 * h, 13)
    def start(self, memory, mask): self.mem, self.keys, self.mask = memory, self.key(memory), mask
    def step(self, tok, state, ctx):
        state = self.cell(torch.cat([self.emb(tok), ctx], 1), state)
        e = torch.bmm(self.keys, state.unsqueeze(2)).squeeze(2).masked_fill(~self.mask, -1e9)
        ctx = torch.bmm(e.softmax(1).unsqueeze(1), self.mem).squeeze(1)
        return self.out(torch.cat([state, ctx], 1)), state, ctx


H = 64
enc, dec = Encoder(H), AttnDecoder(H)
params = list(enc.parameters()) + list(dec.parameters())
adam = torch.optim.Adam(params, lr=8e-3)
EPOCHS, BS = 5, 100
sched = torch.optim.lr_scheduler.LambdaLR(adam, lambda e: 1.0 if e < 3 else 0.4 ** (e - 2))
ce = nn.CrossEntropyLoss(ignore_index=PAD)


def decode(ns, forced=None, sampling=0.0, steps=6):
    src, n, trg = make_batch(ns)
    mem, state = enc(src, n)
    dec.start(mem, src != 0)
    tok, ctx = torch.full((len(ns),), SOS), torch.zeros(len(ns), H)
    outs = []
    for t in range(trg.size(1) if forced else steps):
        o, state, ctx = dec.step(tok, state, ctx)
        outs.append(o)
        tok = o.argmax(1) if not forced or random.random() < sampling else trg[:, t]
    return torch.stack(outs, 1), trg


def exact(ns):
    enc.eval(); dec.eval()
    good = 0
    with torch.no_grad():
        ids = decode(ns)[0].argmax(2).tolist()
    for n, row in zip(ns, ids):
        row = row[:row.index(EOS)] if EOS in row else row
        good += "".join(map(str, row)) == str(n)
    return good / len(ns)


for ep in range(EPOCHS):
    enc.train(); dec.train(); random.shuffle(train); total = 0
    for i in range(0, len(train), BS):
        out, trg = decode(train[i:i + BS], forced=True, sampling=min(0.25, 0.05 * ep))
        loss = ce(out.flatten(0, 1), trg.flatten())
        adam.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0); adam.step()
        total += loss.item()
    sched.step()
    print(f"epoch {ep + 1}: loss {total * BS / len(train):.4f}  exact match on unseen numbers {exact(test):.3f}")
print("exact match, train sample:", exact(train[:400]))
print(" ".join(say(test[0])), "->", "".join(map(str, decode(test[:1])[0].argmax(2)[0].tolist())))
