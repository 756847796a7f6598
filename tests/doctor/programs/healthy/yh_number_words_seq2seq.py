#!/usr/bin/env python3
"""Spelled-out numbers to digits with an attention seq2seq (GRU, Luong dot attention)."""
import argparse
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

UNITS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
         "seventeen eighteen nineteen").split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
PAD, BOS, EOS = 0, 1, 2
DIGIT0 = 3


def spell(n):
    if n < 20:
        return [UNITS[n]]
    if n < 100:
        return [TENS[n // 10]] + ([UNITS[n % 10]] if n % 10 else [])
    if n < 1000:
        return [UNITS[n // 100], "hundred"] + (spell(n % 100) if n % 100 else [])
    return spell(n // 1000) + ["thousand"] + (spell(n % 1000) if n % 1000 else [])


VOCAB = {w: i + 1 for i, w in enumerate(UNITS + TENS[2:] + ["hundred", "thousand"])}


class Seq2Seq(nn.Module):
    def __init__(self, n_src, n_tgt=13, d=32, h=80):
        super().__init__()
        self.src = nn.Embedding(n_src, d, padding_idx=PAD)
        self.tgt = nn.Embedding(n_tgt, d, padding_idx=PAD)
        self.encoder = nn.GRU(d, h // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(d, h, batch_first=True)
        self.mix = nn.Linear(2 * h, h)
        self.out = nn.Linear(h, n_tgt)

    def encode(self, x):
        lens = (x != PAD).sum(1)
        packed = pack_padded_sequence(self.src(x), lens, batch_first=True, enforce_sorted=False)
        states, h = self.encoder(packed)
        states, _ = pad_packed_sequence(states, batch_first=True)
        return states, torch.cat([h[0], h[1]], -1).unsqueeze(0), x == PAD

    def step(self, y, h, states, mask):
        o, h = self.decoder(self.tgt(y), h)
        score = (o @ states.transpose(1, 2)).masked_fill(mask[:, None, :], -1e9)
        ctx = score.softmax(-1) @ states
        return self.out(torch.tanh(self.mix(torch.cat([o, ctx], -1)))), h

    @torch.no_grad()
    def greedy(self, x, steps=7):
        states, h, mask = self.encode(x)
        y = torch.full((len(x), 1), BOS)
        outs, done = [], torch.zeros(len(x), dtype=torch.bool)
        for _ in range(steps):
            logit, h = self.step(y, h, states, mask)
            y = logit.argmax(-1)
            y[done] = PAD
            done |= (y[:, 0] == EOS)
            outs.append(y)
        return torch.cat(outs, 1)


def tensors(ns):
    x = pad_sequence([torch.tensor([VOCAB[w] for w in spell(n)]) for n in ns], batch_first=True)
    y = pad_sequence([torch.tensor([BOS] + [DIGIT0 + int(c) for c in str(n)] + [EOS]) for n in ns], batch_first=True)
    return x, y


def exact(model, ns):
    model.eval()
    x, y = tensors(ns)
    out = model.greedy(x)
    ok = 0
    for o, n in zip(out.tolist(), ns):
        o = o[:o.index(EOS)] if EOS in o else o
        ok += "".join(str(t - DIGIT0) if t >= DIGIT0 else "?" for t in o) == str(n)
    return ok / len(ns)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=6)
    ap.add_argument("--train", type=int, default=3000)
    args = ap.parse_args()
    random.seed(0)
    torch.manual_seed(0)
    numbers = random.sample(range(100, 100000), args.train + 300)
    held, train = numbers[:300], numbers[300:]
    model = Seq2Seq(len(VOCAB) + 1)
    opt = torch.optim.Adam(model.parameters(), lr=5e-3)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, total_steps=args.epochs * -(-len(train) // 64))
    for ep in range(args.epochs):
        model.train()
        random.shuffle(train)
        tot = 0
        for i in range(0, len(train), 64):
            x, y = tensors(train[i:i + 64])
            states, h, mask = model.encode(x)
            logits, _ = model.step(y[:, :-1], h, states, mask)
            loss = nn.functional.cross_entropy(logits.transpose(1, 2), y[:, 1:], ignore_index=PAD)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            sched.step()
            tot += loss.item()
        print(f"epoch {ep + 1}: loss {tot / -(-len(train) // 64):.4f} exact match {exact(model, held):.3f}")


if __name__ == "__main__":
    main()
