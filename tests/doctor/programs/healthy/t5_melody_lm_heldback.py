"""Next-note model for folk tunes: GRU, tied input and output table, perplexity on tunes that it has not seen."""
import math
import random

import torch
import torch.nn as nn

NOTES = [f"{p}{o}" for o in (4, 5) for p in ("C", "D", "E", "F", "G", "A", "B")]
END = len(NOTES)


def compose(rng):
    """Tunes walk on the scale: runs like to go on, a leap is answered by a step back, the last note is the tonic."""
    place, move, tune = rng.randrange(3, 9), 1, []
    for _ in range(rng.randint(8, 20)):
        tune.append(place)
        if abs(move) > 1:
            move = -1 if move > 0 else 1
        elif rng.random() < 0.85:
            move = move if rng.random() < 0.9 else -move
        else:
            move = rng.choice([-3, 3])
        if not 0 <= place + move < len(NOTES):
            move = -1 if move > 0 else 1
        place += move
    return tune + [0, END]


class TuneModel(nn.Module):
    def __init__(self, size=48):
        super().__init__()
        self.notes = nn.Embedding(len(NOTES) + 1, size)
        nn.init.normal_(self.notes.weight, std=size ** -0.5)
        self.rnn = nn.GRU(size, 64, batch_first=True)
        self.back = nn.Linear(64, size)
        self.drop = nn.Dropout(0.1)
        self.bias = nn.Parameter(torch.zeros(len(NOTES) + 1))

    def forward(self, x):
        h, _ = self.rnn(self.notes(x) * self.notes.embedding_dim ** 0.5)
        return self.back(self.drop(h)) @ self.notes.weight.T + self.bias


def batches(tunes, size, rng=None):
    order = list(tunes)
    if rng:
        rng.shuffle(order)
    for i in range(0, len(order), size):
        part = order[i:i + size]
        width = max(map(len, part))
        x = torch.zeros(len(part), width, dtype=torch.long)
        y = torch.full((len(part), width), -100)
        for j, tune in enumerate(part):
            x[j, :len(tune)] = torch.tensor([END] + tune[:-1])
            y[j, :len(tune)] = torch.tensor(tune)
        yield x, y


def perplexity(model, tunes):
    model.eval()
    total = count = 0
    with torch.no_grad():
        for x, y in batches(tunes, 128):
            total += nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
            count += (y >= 0).sum().item()
    return math.exp(total / count)


def main():
    rng = random.Random(21)
    torch.manual_seed(21)
    tunes = list({tuple(compose(rng)) for _ in range(1500)})
    tunes = [list(t) for t in sorted(tunes)]
    rng.shuffle(tunes)
    held, train = tunes[:250], tunes[250:]
    freq = torch.tensor([n for t in train for n in t]).bincount(minlength=len(NOTES) + 1).float()
    p = freq / freq.sum()
    print(f"{len(train)} tunes, unigram perplexity {math.exp(-(p[p > 0] * p[p > 0].log()).sum()):.2f}")

    model = TuneModel()
    optimizer = torch.optim.AdamW(model.parameters(), lr=8e-3, weight_decay=0.01)
    epochs = 8
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for epoch in range(1, epochs + 1):
        model.train()
        for x, y in batches(train, 32, rng):
            loss = nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten(), ignore_index=-100)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        schedule.step()
        if epoch % 2 == 0:
            print(f"epoch {epoch} train perplexity {perplexity(model, train[:250]):.3f} held-out {perplexity(model, held):.3f}")


if __name__ == "__main__":
    main()
