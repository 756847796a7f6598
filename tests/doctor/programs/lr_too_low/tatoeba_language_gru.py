"""English or French? Character GRU over short Tatoeba sentences with accents removed."""
import argparse
import gzip
import os
import random
import unicodedata
from pathlib import Path

import torch
from torch import nn


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=3)
    p.add_argument("--batch-size", type=int, default=32)
    # fault:
    p.add_argument("--lr", type=float, default=2e-6)
    # mended:
    # p.add_argument("--lr", type=float, default=5e-3)
    # end
    p.add_argument("--hidden", type=int, default=48)
    p.add_argument("--rows", type=int, default=1200)
    return p.parse_args()


ALPHABET = "abcdefghijklmnopqrstuvwxyz '"


def plain(s):
    s = unicodedata.normalize("NFD", s.lower())
    return "".join(c for c in s if c in ALPHABET).strip()[:32]


def read_pairs(rows):
    path = Path(os.environ["WORDFIT_DATA"]) / "seq2seq" / "tatoeba-fra-eng" / "fra.txt.gz"
    pairs = []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for i, line in enumerate(fh):
            if i > 60000:
                break
            if i >= 20000:
                pairs.append(line.rstrip("\n").split("\t"))
    random.Random(0).shuffle(pairs)
    sents = {}
    for en, fr in pairs[:rows]:
        sents[plain(en)] = 0
        sents[plain(fr)] = 1
    items = sorted(sents.items())
    random.Random(1).shuffle(items)
    return items


class CharGRU(nn.Module):
    def __init__(self, n_chars, hidden):
        super().__init__()
        self.chars = nn.Embedding(n_chars, 16, padding_idx=0)
        self.rnn = nn.GRU(16, hidden, batch_first=True)
        self.clf = nn.Linear(hidden, 2)

    def forward(self, x, lengths):
        out, _ = self.rnn(self.chars(x))
        last = out[torch.arange(len(x)), lengths - 1]
        return self.clf(last)


def to_batch(items):
    lengths = torch.tensor([len(s) for s, _ in items])
    x = torch.zeros(len(items), int(lengths.max()), dtype=torch.long)
    for i, (s, _) in enumerate(items):
        x[i, : len(s)] = torch.tensor([ALPHABET.index(c) + 1 for c in s])
    return x, lengths, torch.tensor([y for _, y in items])


def main():
    args = get_args()
    torch.manual_seed(0)
    random.seed(0)
    items = read_pairs(args.rows)
    cut = int(0.85 * len(items))
    train, valid = items[:cut], items[cut:]
    print(len(train), "training sentences,", len(valid), "for validation")
    model = CharGRU(len(ALPHABET) + 1, args.hidden)
    optim = torch.optim.AdamW(model.parameters(), lr=args.lr)
    ce = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        random.shuffle(train)
        model.train()
        seen = total = 0
        for i in range(0, len(train), args.batch_size):
            x, n, y = to_batch(train[i:i + args.batch_size])
            loss = ce(model(x, n), y)
            optim.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
            total += loss.item() * len(y)
            seen += len(y)
        model.eval()
        with torch.inference_mode():
            x, n, y = to_batch(valid)
            logits = model(x, n)
            vl, va = ce(logits, y).item(), (logits.argmax(1) == y).float().mean().item()
        print(f"epoch {epoch + 1}/{args.epochs}  train {total / seen:.4f}  valid {vl:.4f}  acc {va:.4f}")


if __name__ == "__main__":
    main()
