"""
seq2seq with attention: "three hundred and five" -> "3 0 5"
scores come from greedy decoding, a number counts only if every digit is right
"""
import argparse
import random

import torch
import torch.nn as nn

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
PAD, SOS, EOS = 0, 1, 2


def spell(n):
    if n >= 1000:
        rest = n % 1000
        return spell(n // 1000) + ["thousand"] + (["and"] if 0 < rest < 100 else []) + (spell(rest) if rest else [])
    if n >= 100:
        return [ONES[n // 100], "hundred"] + (["and"] + spell(n % 100) if n % 100 else [])
    if n >= 20:
        return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    return [ONES[n]]


words = {w: i + 3 for i, w in enumerate(ONES + TENS[2:] + ["hundred", "thousand", "and"])}
N_OUT = 13


def pad(rows):
    w = max(len(r) for r in rows)
    return torch.tensor([r + [PAD] * (w - len(r)) for r in rows])


def batch_of(numbers):
    src = pad([[words[w] for w in spell(n)] for n in numbers])
    tgt = pad([[SOS] + [int(c) + 3 for c in str(n)] + [EOS] for n in numbers])
    return src, tgt


class Reader(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.embed = nn.Embedding(len(words) + 3, d, padding_idx=PAD)
        self.rnn = nn.GRU(d, d, batch_first=True, bidirectional=True)
        self.join = nn.Linear(2 * d, d)

    def forward(self, src):
        lens = (src != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(src), lens, batch_first=True, enforce_sorted=False)
        out, h = self.rnn(packed)
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        return self.join(out), torch.tanh(self.join(torch.cat([h[0], h[1]], 1))).unsqueeze(0)


class Writer(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.embed = nn.Embedding(N_OUT, d, padding_idx=PAD)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.mix = nn.Linear(2 * d, d)
        self.out = nn.Linear(d, N_OUT)

    def forward(self, tokens, state, memory, mem_pad):
        h, state = self.rnn(self.embed(tokens), state)
        scores = (h @ memory.transpose(1, 2)).masked_fill(mem_pad.unsqueeze(1), -1e9)
        context = scores.softmax(-1) @ memory
        return self.out(torch.tanh(self.mix(torch.cat([h, context], 2)))), state


class Model(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.reader, self.writer = Reader(d), Writer(d)

    def forward(self, src, tgt_in):
        memory, state = self.reader(src)
        return self.writer(tgt_in, state, memory, src == PAD)[0]

    @torch.no_grad()
    def translate(self, src, max_len=8):
        memory, state = self.reader(src)
        token = torch.full((len(src), 1), SOS)
        result = []
        for _ in range(max_len):
            logits, state = self.writer(token, state, memory, src == PAD)
            token = logits.argmax(2)
            result.append(token)
        return torch.cat(result, 1).tolist()


def exact(model, numbers):
    model.eval()
    good = 0
    for n, row in zip(numbers, model.translate(batch_of(numbers)[0])):
        digits = row[:row.index(EOS)] if EOS in row else row
        good += "".join(str(d - 3) if d > 2 else "?" for d in digits) == str(n)
    return good / len(numbers)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--dim", type=int, default=40)
    p.add_argument("--lr", type=float, default=6e-3)
    p.add_argument("--epochs", type=int, default=6)
    p.add_argument("--bs", type=int, default=64)
    p.add_argument("--n_train", type=int, default=4000)
    p.add_argument("--n_test", type=int, default=500)
    args = p.parse_args()
    random.seed(0)
    torch.manual_seed(0)
    numbers = random.sample(range(100000), args.n_train + args.n_test)
    train, test = numbers[:args.n_train], numbers[args.n_train:]
    print(train[0], " ".join(spell(train[0])))
    model = Model(args.dim)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    steps = args.epochs * -(-len(train) // args.bs)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, args.lr, total_steps=steps, pct_start=0.2)
    for epoch in range(args.epochs):
        model.train()
        random.shuffle(train)
        total = 0.0
        for i in range(0, len(train), args.bs):
            src, tgt = batch_of(train[i:i + args.bs])
            logits = model(src, tgt[:, :-1])
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), tgt[:, 1:].flatten(), ignore_index=PAD)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            sched.step()
            total += loss.item()
        print("epoch %d loss %.4f test exact %.4f" % (epoch + 1, total * args.bs / len(train), exact(model, test)))
    print("train exact %.4f test exact %.4f" % (exact(model, train[:500]), exact(model, test)))


if __name__ == "__main__":
    main()
