"""Genre of a song from its chord sheet.  Bag of chords and chord changes, EmbeddingBag, AdamW."""
import random
from collections import Counter

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

rng = random.Random(5)
torch.manual_seed(5)

ROOTS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
GENRES = {
    "pop": [(0, ""), (7, ""), (9, "m"), (5, ""), (2, "m")],
    "jazz": [(2, "m7"), (7, "7"), (0, "maj7"), (9, "m7"), (4, "m7b5"), (9, "7")],
    "blues": [(0, "7"), (5, "7"), (7, "7"), (10, "7")],
    "metal": [(0, "5"), (1, "5"), (3, "5"), (6, "5"), (8, "m")],
    "folk": [(0, ""), (5, ""), (7, ""), (9, "m"), (7, "sus4")],
}
EXTRA = ["6", "9", "add9", "dim", "aug", "sus2", "m6", "13", "m9", "7#9"]


def song(genre):
    key = rng.choice([0, 2, 4, 5, 7, 9])
    out = []
    for _ in range(rng.randint(8, 24)):
        if rng.random() < 0.06:
            out.append(rng.choice(ROOTS) + rng.choice(EXTRA))
        elif rng.random() < 0.22:
            step, q = rng.choice(GENRES[rng.choice(list(GENRES))])
            out.append(ROOTS[(key + step) % 12] + q)
        else:
            step, q = rng.choice(GENRES[genre])
            out.append(ROOTS[(key + step) % 12] + q)
    return out


def make(n):
    names = list(GENRES)
    return [(song(names[y]), y) for y in (rng.randrange(len(names)) for _ in range(n))]


def grams(chords):
    return chords + [a + ">" + b for a, b in zip(chords, chords[1:])]


class ChordSheets(Dataset):
    def __init__(self, rows, vocab=None, size=900):
        if vocab is None:
            counts = Counter(g for chords, _ in rows for g in grams(chords))
            vocab = {g: i + 1 for i, (g, _) in enumerate(counts.most_common(size))}
        self.vocab = vocab
        self.items = [([vocab[g] for g in grams(c) if g in vocab] or [0], y) for c, y in rows]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    flat = torch.tensor([g for ids, _ in batch for g in ids])
    offsets = torch.tensor(np.cumsum([0] + [len(ids) for ids, _ in batch[:-1]]))
    return flat, offsets, torch.tensor([y for _, y in batch])


train_set = ChordSheets(make(4000))
test_rows = make(800)
# fault:
test_set = ChordSheets(test_rows)
# mended:
# test_set = ChordSheets(test_rows, vocab=train_set.vocab)
# end
train_dl = DataLoader(train_set, batch_size=64, shuffle=True, collate_fn=collate)
test_dl = DataLoader(test_set, batch_size=200, collate_fn=collate)


class Net(nn.Module):
    def __init__(self, n, d=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, d, mode="mean")
        self.out = nn.Sequential(nn.Dropout(0.2), nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, len(GENRES)))

    def forward(self, flat, offsets):
        return self.out(self.bag(flat, offsets))


net = Net(901)
optim = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=0.05)
crit = nn.CrossEntropyLoss()


def run(dl, train):
    net.train(train)
    loss_sum = right = n = 0
    with torch.set_grad_enabled(train):
        for flat, off, y in dl:
            logits = net(flat, off)
            loss = crit(logits, y)
            if train:
                optim.zero_grad()
                loss.backward()
                optim.step()
            loss_sum += loss.item() * len(y)
            right += (logits.argmax(1) == y).sum().item()
            n += len(y)
    return loss_sum / n, right / n


for ep in range(10):
    tr, te = run(train_dl, True), run(test_dl, False)
    print(f"[{ep}] train {tr[0]:.3f}/{tr[1]:.3f}   test {te[0]:.3f}/{te[1]:.3f}")
