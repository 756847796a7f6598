"""Normalise the dates that drivers type on waybills ("7 mar 21", "03/07/2021") to ISO, character by character."""
import datetime
import random

import torch
from torch import nn

LETTERS = ["<pad>", "<s>", "</s>"] + sorted(set("0123456789-/. abcdefghijklmnopqrstuvwxyz,"))
INDEX = {c: i for i, c in enumerate(LETTERS)}
STYLES = ["{d} {b} {Y}", "{d}.{m}.{Y}", "{b} {d}, {y}", "{m:02d}/{d:02d}/{Y}", "{y}{m:02d}{d:02d}", "{d}-{b}-{y}"]


def typed(day, rng):
    return rng.choice(STYLES).format(d=day.day, m=day.month, b=day.strftime("%b").lower(), Y=day.year, y=f"{day.year % 100:02d}")


def to_tensor(texts, start=False):
    rows = [([1] if start else []) + [INDEX[c] for c in t] + [2] for t in texts]
    return nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows], batch_first=True)


class DateReader(nn.Module):
    def __init__(self, dim=64):
        super().__init__()
        self.letters = nn.Embedding(len(LETTERS), dim, padding_idx=0)
        self.reader = nn.GRU(dim, dim // 2, batch_first=True, bidirectional=True)
        self.writer = nn.GRU(dim, dim, batch_first=True)
        self.query = nn.Linear(dim, dim)
        self.out = nn.Sequential(nn.Linear(2 * dim, dim), nn.Tanh(), nn.Linear(dim, len(LETTERS)))

    def read(self, x):
        lengths = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.letters(x), lengths, batch_first=True, enforce_sorted=False)
        memory, last = self.reader(packed)
        memory, _ = nn.utils.rnn.pad_packed_sequence(memory, batch_first=True)
        return memory, last.transpose(0, 1).reshape(1, len(x), -1)

    def write(self, y, memory, mask, state):
        h, state = self.writer(self.letters(y), state)
        score = self.query(h) @ memory.transpose(1, 2)
        weights = score.masked_fill(mask.unsqueeze(1), float("-inf")).softmax(-1)
        return self.out(torch.cat([h, weights @ memory], -1)), state

    def forward(self, x, y):
        memory, state = self.read(x)
        return self.write(y, memory, x == 0, state)[0]

    @torch.no_grad()
    def normalise(self, texts, limit=14):
        x = to_tensor(texts)
        memory, state = self.read(x)
        y, out = torch.ones(len(x), 1, dtype=torch.long), []
        for _ in range(limit):
            logits, state = self.write(y, memory, x == 0, state)
            y = logits.argmax(-1)
            out.append(y)
        written = []
        for row in torch.cat(out, 1).tolist():
            row = row[:row.index(2)] if 2 in row else row
            written.append("".join(LETTERS[i] for i in row))
        return written


if __name__ == "__main__":
    rng = random.Random(10)
    torch.manual_seed(10)
    first = datetime.date(2016, 1, 1)
    days = [first + datetime.timedelta(days=i) for i in range(3300)]
    rng.shuffle(days)
    held = [(typed(d, rng), d.isoformat()) for d in days[:250]]
    train = [(typed(d, rng), d.isoformat()) for d in days[250:]]

    model = DateReader()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.CrossEntropyLoss(ignore_index=0)
    rounds, size = 6, 50
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, rounds)
    for r in range(rounds):
        model.train()
        rng.shuffle(train)
        total = 0.0
        for i in range(0, len(train), size):
            typed_in, iso = zip(*train[i:i + size])
            y = to_tensor(iso, start=True)
            logits = model(to_tensor(typed_in), y[:, :-1])
            loss = criterion(logits.flatten(0, 1), y[:, 1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(iso)
        schedule.step()
        model.eval()
        written = model.normalise([t for t, _ in held])
        exact = sum(w == iso for w, (_, iso) in zip(written, held)) / len(held)
        print(f"round {r + 1}: loss {total / len(train):.4f}, exact on unseen days {exact:.3f}")
    for (t, iso), w in list(zip(held, written))[:4]:
        print(f"{t:>14} -> {w} ({iso})")
