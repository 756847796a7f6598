"""'four hundred twenty one' -> 4 2 1 <eos>.  GRU encoder, GRU decoder, greedy decoding on numbers never seen."""
import random
import torch
import torch.nn as nn

random.seed(4); torch.manual_seed(4)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = ". . twenty thirty forty fifty sixty seventy eighty ninety".split()


def say(n):
    out = []
    if n >= 100:
        out += [ONES[n // 100], "hundred"]; n %= 100
        if n == 0:
            return out
        if random.random() < .5:
            out.append("and")
    if n >= 20:
        out.append(TENS[n // 10]); n %= 10
        if n == 0:
            return out
    return out + [ONES[n]]


SRC = {w: i for i, w in enumerate(["<pad>"] + ONES + TENS[2:] + ["hundred", "and"])}
PAD, BOS, EOS = 10, 11, 12                       # digits are 0..9


def example(n):
    return [SRC[w] for w in say(n)], [int(c) for c in str(n)] + [EOS]


numbers = list(range(1, 1000)); random.shuffle(numbers)
train_n, test_n = numbers[:850], numbers[850:]


def batch(ns):
    ex = [example(n) for n in ns]
    lens = torch.tensor([len(s) for s, _ in ex])
    src = nn.utils.rnn.pad_sequence([torch.tensor(s) for s, _ in ex])                        # (S, B)
    tgt = nn.utils.rnn.pad_sequence([torch.tensor(t) for _, t in ex], padding_value=PAD)     # (T, B)
    inp = torch.cat([torch.full((1, len(ns)), BOS), tgt[:-1]])
    return src, lens, inp, tgt


class Encoder(nn.Module):
    def __init__(self, h=56):
        super().__init__()
        self.emb = nn.Embedding(len(SRC), 24, padding_idx=0)
        self.rnn = nn.GRU(24, h)

    def forward(self, src, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(src), lens, enforce_sorted=False)
        return self.rnn(packed)[1]


class Decoder(nn.Module):
    def __init__(self, h=56):
        super().__init__()
        self.emb = nn.Embedding(13, 16)
        self.rnn = nn.GRU(16, h)
        self.out = nn.Linear(h, 13)

    def forward(self, tokens, state):
        o, state = self.rnn(self.emb(tokens), state)
        return self.out(o), state


enc, dec = Encoder(), Decoder()
opt_e, opt_d = torch.optim.Adam(enc.parameters(), lr=6e-3), torch.optim.Adam(dec.parameters(), lr=6e-3)
EPOCHS = 15
scheds = [torch.optim.lr_scheduler.OneCycleLR(o, 1.2e-2, total_steps=EPOCHS * 17) for o in (opt_e, opt_d)]
nll = nn.CrossEntropyLoss(ignore_index=PAD)


@torch.no_grad()
def exact(ns):
    enc.eval(); dec.eval()
    src, lens, _, _ = batch(ns)
    state = enc(src, lens)
    tok = torch.full((1, len(ns)), BOS)
    out = []
    for _ in range(4):
        logits, state = dec(tok, state)
        tok = logits.argmax(-1)
        out.append(tok[0])
    good = 0
    for n, row in zip(ns, torch.stack(out, 1).tolist()):
        row = row[:row.index(EOS)] if EOS in row else row
        good += "".join(map(str, row)) == str(n)
    return good / len(ns)


for epoch in range(EPOCHS):
    random.shuffle(train_n); enc.train(); dec.train(); tot = 0
    for k in range(0, len(train_n), 50):
        src, lens, inp, tgt = batch(train_n[k:k + 50])
        logits, _ = dec(inp, enc(src, lens))
        loss = nll(logits.flatten(0, 1), tgt.flatten())
        opt_e.zero_grad(); opt_d.zero_grad()
        loss.backward()
        for p in (enc, dec):
            nn.utils.clip_grad_norm_(p.parameters(), 1.0)
        opt_e.step(); opt_d.step(); [s.step() for s in scheds]
        tot += loss.item()
    if epoch % 3 == 0 or epoch == EPOCHS - 1:
        print("epoch %2d loss %.4f exact: train %.3f unseen numbers %.3f" % (epoch, tot / 17, exact(train_n[:150]), exact(test_n)))
