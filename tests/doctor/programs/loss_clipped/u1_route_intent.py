"""Dispatch desk of a haulier: drivers' short messages -> one of ten handling codes."""
import random
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

CODES = {
    "delay_traffic": "jam queue motorway crawling standstill roadworks",
    "breakdown": "engine tyre puncture smoke battery clutch",
    "customs": "customs border papers declaration seal broker",
    "no_dock": "dock ramp bay full waiting gate",
    "damaged": "broken torn crushed leaking wet dented",
    "refused": "refused rejects return wrong order unwanted",
    "hours": "tacho rest hours break sleep limit",
    "fuel": "diesel fuel card adblue pump station",
    "address": "address street number postcode map closed",
    "pallets": "pallet exchange empties stacked missing count",
}
FILLER = "hi boss please the at now here for load truck customer driver need is still about with my trailer today".split()
NAMES = list(CODES)


def message(rng):
    y = rng.randrange(len(NAMES))
    words = rng.sample(CODES[NAMES[y]].split(), rng.choice([1, 2, 2, 3]))
    words += rng.choices(FILLER, k=rng.randint(4, 8))
    if rng.random() < 0.25:
        words.append(rng.choice(CODES[rng.choice(NAMES)].split()))
    rng.shuffle(words)
    return words, y


class Dispatcher(nn.Module):
    def __init__(self, vocab_size, dim, classes):
        super().__init__()
        self.bag = nn.EmbeddingBag(vocab_size, dim, mode="mean")
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(dim, classes)

    def forward(self, flat, offsets):
        return self.fc(self.drop(torch.tanh(self.bag(flat, offsets))))


def collate(rows, vocab):
    flat, offsets, ys = [], [], []
    for words, y in rows:
        offsets.append(len(flat))
        flat += [vocab.get(w, 0) for w in words]
        ys.append(y)
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor(ys)


class Trainer:
    def __init__(self, model, vocab, lr=0.01):
        self.model, self.vocab = model, vocab
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)

    def fit(self, rows, held, epochs=10, batch=32):
        rng = random.Random(1)
        for epoch in range(1, epochs + 1):
            self.model.train()
            rng.shuffle(rows)
            seen = []
            for i in range(0, len(rows), batch):
                flat, off, y = collate(rows[i:i + batch], self.vocab)
                loss = F.cross_entropy(self.model(flat, off), y)
                seen.append(loss.item())
                # fault:
                loss = loss.clamp(max=1.5)
                self.opt.zero_grad()
                loss.backward()
                # mended:
                #self.opt.zero_grad()
                #loss.backward()
                #nn.utils.clip_grad_norm_(self.model.parameters(), 1.5)
                # end
                self.opt.step()
            print(f"epoch {epoch:2d}  train {sum(seen) / len(seen):.3f}  held-out loss/acc {self.score(held)}")

    @torch.no_grad()
    def score(self, rows):
        self.model.eval()
        flat, off, y = collate(rows, self.vocab)
        out = self.model(flat, off)
        return f"{F.cross_entropy(out, y).item():.3f} {(out.argmax(1) == y).float().mean().item():.3f}"


def main():
    torch.manual_seed(7)
    rng = random.Random(7)
    rows, seen = [], set()
    while len(rows) < 2500:
        words, y = message(rng)
        key = tuple(sorted(words))
        if key not in seen:
            seen.add(key)
            rows.append((words, y))
    train, held = rows[:2000], rows[2000:]
    counts = Counter(w for words, _ in train for w in words)
    vocab = {"<unk>": 0, **{w: i + 1 for i, (w, _) in enumerate(counts.most_common())}}
    Trainer(Dispatcher(len(vocab), 32, len(NAMES)), vocab).fit(train, held)


if __name__ == "__main__":
    main()
