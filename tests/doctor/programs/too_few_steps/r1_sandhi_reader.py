"""Reading an invented script aloud: each glyph sounds different after each class of glyph.

A tagger (embedding -> LSTM -> linear), trained with mini-batches from a DataLoader.
"""
import argparse
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

PAD, IGNORE = 0, -100
GLYPHS = 60
SOUNDS = 24


def build_rules(rng):
    family = {g: rng.randrange(4) for g in range(1, GLYPHS + 1)}
    sound = {(g, f): rng.randrange(SOUNDS) for g in range(1, GLYPHS + 1) for f in range(5)}
    return family, sound


def read_aloud(glyphs, family, sound):
    out, before = [], 4
    for g in glyphs:
        out.append(sound[g, before])
        before = family[g]
    return out


def make_corpus(rng, n):
    family, sound = build_rules(rng)
    seen, corpus = set(), []
    while len(corpus) < n:
        glyphs = tuple(rng.randint(1, GLYPHS) for _ in range(rng.randint(5, 12)))
        if glyphs in seen:
            continue
        seen.add(glyphs)
        corpus.append((list(glyphs), read_aloud(glyphs, family, sound)))
    return corpus


def collate(batch):
    x = pad_sequence([torch.tensor(g) for g, _ in batch], batch_first=True, padding_value=PAD)
    y = pad_sequence([torch.tensor(s) for _, s in batch], batch_first=True, padding_value=IGNORE)
    return x, y


class Reader(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.embed = nn.Embedding(GLYPHS + 1, dim, padding_idx=PAD)
        self.rnn = nn.LSTM(dim, hidden, batch_first=True)
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(hidden, SOUNDS)

    def forward(self, x):
        h, _ = self.rnn(self.embed(x))
        return self.head(self.dropout(h))


def evaluate(model, loader):
    model.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            pred = model(x).argmax(-1)
            keep = y != IGNORE
            right += (pred[keep] == y[keep]).sum().item()
            total += keep.sum().item()
    return right / total


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--dim", type=int, default=48)
    p.add_argument("--hidden", type=int, default=64)
    p.add_argument("--lr", type=float, default=4e-3)
    p.add_argument("--batch-size", type=int, default=32)
    # fault:
    p.add_argument("--epochs", type=int, default=2)
    # mended:
    #p.add_argument("--epochs", type=int, default=12)
    # end
    p.add_argument("--seed", type=int, default=17)
    args = p.parse_args()

    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    corpus = make_corpus(rng, 1900)
    train, held = corpus[:1600], corpus[1600:]
    loader = DataLoader(train, batch_size=args.batch_size, shuffle=True, collate_fn=collate)
    held_loader = DataLoader(held, batch_size=100, collate_fn=collate)

    model = Reader(args.dim, args.hidden)
    optim = torch.optim.Adam(model.parameters(), lr=args.lr)
    loss_fn = nn.CrossEntropyLoss(ignore_index=IGNORE)

    for epoch in range(args.epochs):
        model.train()
        running = 0.0
        for x, y in loader:
            logits = model(x)
            loss = loss_fn(logits.flatten(0, 1), y.flatten())
            optim.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optim.step()
            running += loss.item()
        print(f"epoch {epoch + 1}: loss {running / len(loader):.3f}, "
              f"train {evaluate(model, loader):.3f}, held-out {evaluate(model, held_loader):.3f}")


if __name__ == "__main__":
    main()
