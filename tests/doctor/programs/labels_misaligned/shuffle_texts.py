"""Language of a word sequence from character trigram-like syllables (three made-up languages)."""
import argparse
import random

import torch
import torch.nn as nn


def words_of(lang, rng):
    parts = {"a": ["ka", "ro", "mi", "ta", "no"], "b": ["sch", "en", "ung", "ber", "au"], "c": ["que", "oir", "eau", "tion", "ais"]}
    shared = ["un", "el", "da", "in", "po", "ma", "se", "li"]
    return [rng.choice(parts[lang] if rng.random() < 0.3 else shared) for _ in range(rng.randint(8, 24))]


class Classifier(nn.Module):
    def __init__(self, vocab, dim, classes):
        super().__init__()
        self.table = nn.EmbeddingBag(vocab, dim, mode="mean")
        self.fc1 = nn.Linear(dim, 32)
        self.fc2 = nn.Linear(32, classes)

    def forward(self, ids, offsets):
        return self.fc2(torch.relu(self.fc1(self.table(ids, offsets))))


def run(args):
    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    langs = ["a", "b", "c"]
    labels = [rng.randrange(3) for _ in range(args.size)]
    texts = [words_of(langs[y], rng) for y in labels]

    # fault:
    rng.shuffle(texts)
    # mended:
    # both = list(zip(texts, labels))
    # rng.shuffle(both)
    # texts, labels = zip(*both)
    # end
    cut = int(0.75 * args.size)
    vocab = {w: i for i, w in enumerate(sorted({w for t in texts[:cut] for w in t}))}

    def batch(lo, hi):
        ids = [torch.tensor([vocab[w] for w in t if w in vocab]) for t in texts[lo:hi]]
        offsets = torch.tensor([0] + [len(i) for i in ids][:-1]).cumsum(0)
        return torch.cat(ids), offsets, torch.tensor(labels[lo:hi])

    model = Classifier(len(vocab), 16, 3)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    loss_fn = nn.CrossEntropyLoss()
    starts = list(range(0, cut, 32))
    for epoch in range(args.epochs):
        rng.shuffle(starts)
        total = 0
        for s in starts:
            ids, offsets, y = batch(s, min(s + 32, cut))
            optimizer.zero_grad()
            loss = loss_fn(model(ids, offsets), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
        ids, offsets, y = batch(cut, args.size)
        with torch.no_grad():
            acc = (model(ids, offsets).argmax(1) == y).float().mean().item()
        print(f"epoch {epoch} train loss {total / len(starts):.4f} held-out accuracy {acc:.4f}")


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--size", type=int, default=1200)
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--lr", type=float, default=0.01)
    run(p.parse_args())
