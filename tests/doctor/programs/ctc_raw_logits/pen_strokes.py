"""Pen movements to letters: every letter is a short drawn shape (dx, dy, pressure), writers differ in speed. BiLSTM + CTC."""
import math
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(13)
torch.manual_seed(13)
ALPHABET = "acelnotu"
SHAPES = {}
for k, letter in enumerate(ALPHABET):
    angle, turn = 2 * math.pi * k / len(ALPHABET), (0.5 if k % 2 else -0.5)
    SHAPES[letter] = [(math.cos(angle + turn * i), math.sin(angle + turn * i), 1.0) for i in range(3)]


def write(word):
    path = []
    for c in word:
        for point in SHAPES[c]:
            for _ in range(random.choice([1, 1, 2])):
                path.append([v + random.gauss(0, 0.12) for v in point])
        path.append([random.gauss(0, 0.12), random.gauss(0, 0.12), random.gauss(0, 0.1)])
    return torch.tensor(path)


def make(n):
    words = ["".join(random.choices(ALPHABET, k=random.randint(2, 6))) for _ in range(n)]
    return [(write(w), w) for w in words]


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 48, bidirectional=True)
        self.fc = nn.Linear(96, len(ALPHABET) + 1)

    def forward(self, xs):
        n = torch.tensor([len(x) for x in xs])
        packed = nn.utils.rnn.pack_sequence(xs, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0])
        return self.fc(h), n  # (T, B, C)


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]


def collapse(ids):
    out, last = "", 0
    for i in ids:
        if i != last and i:
            out += ALPHABET[i - 1]
        last = i
    return out


train, dev = make(900), make(150)
model = Reader()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(9):
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 30):
        xs, words = zip(*train[i : i + 30])
        logits, n = model(xs)
        target = torch.tensor([ALPHABET.index(c) + 1 for w in words for c in w])
        sizes = torch.tensor([len(w) for w in words])
        # fault:
        loss = F.ctc_loss(logits, target, n, sizes)
        # mended:
        # loss = F.ctc_loss(logits.log_softmax(2), target, n, sizes)
        # end
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        logits, n = model([x for x, _ in dev])
        best = logits.argmax(2).t().tolist()
    wrong = sum(distance(collapse(b[:k]), w) for b, k, (_, w) in zip(best, n.tolist(), dev))
    print(f"epoch {epoch} ctc {sum(losses) / len(losses):.4f} letter error rate {wrong / sum(len(w) for _, w in dev):.4f}")
