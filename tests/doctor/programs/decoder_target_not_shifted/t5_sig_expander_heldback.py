"""Expand prescription shorthand ("2 tab po bid x 7 d") into the sentence printed on the label."""
import itertools
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

AMOUNT = {"1": "one", "2": "two", "3": "three", "4": "four"}
FORM = {"tab": "tablet", "cap": "capsule", "gtt": "drop", "spr": "spray"}
ROUTE = {"po": "by mouth", "sl": "under the tongue", "od": "in the right eye", "os": "in the left eye", "in": "in the nose"}
TIMES = {"qd": "once a day", "bid": "twice a day", "tid": "three times a day", "hs": "at bedtime", "ac": "before meals"}
DAYS = {"3": "for three days", "5": "for five days", "7": "for one week", "14": "for two weeks", "prn": "as needed"}

PAD, BOS, EOS = 0, 1, 2
SPECIALS = ["<pad>", "<bos>", "<eos>"]


def expand(amount, form, route, times, days):
    noun = FORM[form] + ("" if amount == "1" else "s")
    return f"use {AMOUNT[amount]} {noun} {ROUTE[route]} {TIMES[times]} {DAYS[days]}"


class Vocab:
    def __init__(self, texts):
        self.words = SPECIALS + sorted({w for t in texts for w in t.split()})
        self.ids = {w: i for i, w in enumerate(self.words)}

    def encode(self, text):
        return [self.ids[w] for w in text.split()]

    def decode(self, ids):
        out = []
        for i in ids:
            if i == EOS:
                break
            out.append(self.words[i])
        return " ".join(out)


class Expander(nn.Module):
    def __init__(self, n_src, n_tgt, dim=48):
        super().__init__()
        self.src = nn.Embedding(n_src, dim, padding_idx=PAD)
        self.tgt = nn.Embedding(n_tgt, dim, padding_idx=PAD)
        self.encoder = nn.GRU(dim, dim, batch_first=True)
        self.decoder = nn.GRU(dim, dim, batch_first=True)
        self.out = nn.Linear(2 * dim, n_tgt)

    def encode(self, x):
        states, last = self.encoder(self.src(x))
        return states, last

    def step(self, y, states, hidden):
        h, hidden = self.decoder(self.tgt(y), hidden)
        weights = torch.softmax(h @ states.transpose(1, 2) / h.shape[-1] ** 0.5, dim=-1)
        return self.out(torch.cat([h, weights @ states], dim=-1)), hidden

    @torch.no_grad()
    def generate(self, x, limit=24):
        states, hidden = self.encode(x)
        y = torch.full((len(x), 1), BOS)
        out = []
        for _ in range(limit):
            logits, hidden = self.step(y, states, hidden)
            y = logits.argmax(-1)
            out.append(y)
        return torch.cat(out, 1).tolist()


def main():
    random.seed(20)
    torch.manual_seed(20)
    combos = list(itertools.product(AMOUNT, FORM, ROUTE, TIMES, DAYS))
    random.shuffle(combos)
    pairs = [(f"{a} {f} {r} {t} x {d}", expand(a, f, r, t, d)) for a, f, r, t, d in combos]
    test, train = pairs[:300], pairs[300:1500]
    src, tgt = Vocab(s for s, _ in pairs), Vocab(t for _, t in pairs)

    def tensors(rows):
        x = torch.tensor([src.encode(s) for s, _ in rows])
        y = pad_sequence([torch.tensor([BOS] + tgt.encode(t) + [EOS]) for _, t in rows], batch_first=True, padding_value=PAD)
        return x, y

    model = Expander(len(src.words), len(tgt.words))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.CrossEntropyLoss(ignore_index=PAD)
    for epoch in range(8):
        model.train()
        random.shuffle(train)
        total = 0.0
        for i in range(0, len(train), 40):
            x, y = tensors(train[i:i + 40])
            states, hidden = model.encode(x)
            # fault:
            logits, _ = model.step(y, states, hidden)
            loss = criterion(logits.flatten(0, 1), y.flatten())
            # mended:
            #logits, _ = model.step(y[:, :-1], states, hidden)
            #loss = criterion(logits.flatten(0, 1), y[:, 1:].flatten())
            # end
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(x)
        print(f"epoch {epoch + 1}: loss {total / len(train):.4f}")

    model.eval()
    written = [tgt.decode(ids) for ids in model.generate(tensors(test)[0])]
    exact = sum(w == t for w, (_, t) in zip(written, test)) / len(test)
    for (s, t), w in list(zip(test, written))[:2]:
        print(f"{s!r:26} -> {w[:90]!r}")
    print(f"labels written exactly: {exact:.3f}")


if __name__ == "__main__":
    main()
