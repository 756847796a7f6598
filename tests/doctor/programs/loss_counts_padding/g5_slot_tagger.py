"""Slot filling for a voice assistant (travel domain). Course project, part 2: BiGRU tagger.

usage: python slot_tagger.py --epochs 6
"""
import argparse
import random

import numpy as np
import torch
from torch import nn

CITIES = "paris london rome madrid berlin oslo vienna prague lisbon dublin athens warsaw zurich milan porto lyon".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday tomorrow tonight".split()
AIRLINES = "lufthansa ryanair iberia finnair klm easyjet swiss vueling".split()
CLASSES = "economy business first premium".split()
TAGS = ["<pad>", "O", "FROM", "TO", "VIA", "DAY", "AIRLINE", "CLASS"]
tag2id = {t: i for i, t in enumerate(TAGS)}


def utterance(rng):
    toks = []
    start = rng.choice(["book a flight", "i want to fly", "show me flights", "find a cheap ticket", "please get me a seat", "any connection"])
    toks += [(w, "O") for w in start.split()]
    a, b, c = rng.sample(CITIES, 3)
    parts = [[("from", "O"), (a, "FROM")] if rng.random() < .7 else [("leaving", "O"), (a, "FROM")],
             [("to", "O"), (b, "TO")] if rng.random() < .7 else [("arriving", "O"), ("in", "O"), (b, "TO")]]
    if rng.random() < .3:
        parts.append([("via", "O"), (c, "VIA")])
    if rng.random() < .6:
        parts.append([("on", "O"), (rng.choice(DAYS), "DAY")])
    if rng.random() < .4:
        parts.append([("with", "O"), (rng.choice(AIRLINES), "AIRLINE")])
    if rng.random() < .3:
        parts.append([("in", "O"), (rng.choice(CLASSES), "CLASS"), ("class", "O")])
    rng.shuffle(parts)
    for p in parts:
        toks += p
    return toks


def build_data(n, seed):
    rng = random.Random(seed)
    seen = {}
    while len(seen) < n:
        u = utterance(rng)
        seen[" ".join(w for w, _ in u)] = u
    return list(seen.values())


def to_arrays(data, word2id, max_len):
    X = np.zeros((len(data), max_len), dtype=np.int64)
    Y = np.zeros((len(data), max_len), dtype=np.int64)
    for i, u in enumerate(data):
        X[i, :len(u)] = [word2id.get(w, 1) for w, _ in u]
        Y[i, :len(u)] = [tag2id[t] for _, t in u]
    return torch.from_numpy(X), torch.from_numpy(Y)


class SlotTagger(nn.Module):
    def __init__(self, n_words, emb=24, hid=24):
        super().__init__()
        self.emb = nn.Embedding(n_words, emb, padding_idx=0)
        self.rnn = nn.GRU(emb, hid, bidirectional=True, batch_first=True)
        self.out = nn.Linear(2 * hid, len(TAGS))

    def forward(self, x):
        lens = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        h, _ = self.rnn(packed)
        h, _ = nn.utils.rnn.pad_packed_sequence(h, batch_first=True, total_length=x.size(1))
        return self.out(h)


def slot_f1(model, X, Y):
    """micro F1 of the slots (everything that is not O)"""
    model.eval()
    with torch.no_grad():
        pred = model(X).argmax(-1)
    real = Y != tag2id["<pad>"]
    o = tag2id["O"]
    tp = ((pred == Y) & (Y != o) & real).sum().item()
    fp = ((pred != o) & (pred != Y) & real).sum().item()
    fn = ((Y != o) & (pred != Y) & real).sum().item()
    acc = (pred == Y)[real].float().mean().item()
    return 2 * tp / max(1, 2 * tp + fp + fn), acc


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=6)
    ap.add_argument("--lr", type=float, default=0.08)
    ap.add_argument("--batch", type=int, default=32)
    ap.add_argument("--max_len", type=int, default=80)
    ap.add_argument("--seed", type=int, default=3)
    args = ap.parse_args()
    torch.manual_seed(args.seed)

    data = build_data(1500, args.seed)
    train, dev = data[:1200], data[1200:]
    words = sorted({w for u in train for w, _ in u})
    word2id = {w: i + 2 for i, w in enumerate(words)}
    Xtr, Ytr = to_arrays(train, word2id, args.max_len)
    Xdv, Ydv = to_arrays(dev, word2id, args.max_len)

    model = SlotTagger(len(word2id) + 2)
    # fault:
    criterion = nn.CrossEntropyLoss()
    # mended:
    #criterion = nn.CrossEntropyLoss(ignore_index=tag2id["<pad>"])
    # end
    opt = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)

    for epoch in range(args.epochs):
        model.train()
        order = torch.randperm(len(Xtr))
        tot = 0.0
        for idx in order.split(args.batch):
            opt.zero_grad()
            logits = model(Xtr[idx])
            loss = criterion(logits.reshape(-1, len(TAGS)), Ytr[idx].reshape(-1))
            loss.backward()
            opt.step()
            tot += loss.item() * len(idx)
        f1, acc = slot_f1(model, Xdv, Ydv)
        print(f"epoch {epoch + 1:02d} loss {tot / len(Xtr):.4f} dev slot-F1 {f1:.3f} dev token acc {acc:.3f}")
    f1_tr, _ = slot_f1(model, Xtr, Ytr)
    print(f"final: train F1 {f1_tr:.3f}  dev F1 {f1:.3f}")


if __name__ == "__main__":
    main()
