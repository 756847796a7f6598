# Next-note model for folk-like melodies: three notes of context plus position in the bar, output tied to the note table.
import math
import random
from collections import Counter

import torch
import torch.nn.functional as F

rng = random.Random(6)
torch.manual_seed(6)
SCALE = ["D4", "E4", "F#4", "G4", "A4", "B4", "C#5", "D5", "E5", "F#5", "G5", "A5"]
CHORD = {0: {0, 2, 4, 7, 9, 11}, 1: {3, 5, 7, 10}, 2: {1, 4, 6, 8, 11}}


def melody(bars=8):
    at, direction, notes = rng.randrange(3, 9), 1, []
    for bar in range(bars):
        chord = CHORD[[0, 1, 2, 0][bar % 4]]
        for beat in range(4):
            if rng.random() < 0.12:
                direction = -direction
            step = direction * (1 if beat % 2 else 2 if rng.random() < 0.25 else 1)
            at += step
            if at < 0 or at >= len(SCALE):
                direction = -direction
                at = max(0, min(len(SCALE) - 1, at)) + direction
            if beat == 0 and at not in chord:
                at = min(chord, key=lambda c: (abs(c - at), c))
            notes.append(at)
    return notes


def windows(tunes):
    xs, ps, ys = [], [], []
    for t in tunes:
        for i in range(3, len(t)):
            xs.append(t[i - 3:i])
            ps.append(i % 16)
            ys.append(t[i])
    return torch.tensor(xs), torch.tensor(ps), torch.tensor(ys)


class TiedNoteModel(torch.nn.Module):
    def __init__(self, notes, dim=16, hidden=48):
        super().__init__()
        self.note = torch.nn.Embedding(notes, dim)
        self.beat = torch.nn.Embedding(16, 8)
        torch.nn.init.normal_(self.note.weight, std=dim ** -0.5)
        self.mix = torch.nn.Linear(3 * dim + 8, hidden)
        self.back = torch.nn.Linear(hidden, dim)
        self.bias = torch.nn.Parameter(torch.zeros(notes))

    def forward(self, x, p):
        h = torch.cat([self.note(x).flatten(1), self.beat(p)], dim=1)
        h = self.back(torch.tanh(self.mix(h)))
        return h @ self.note.weight.T + self.bias


tunes = []
while len(tunes) < 260:
    t = melody()
    if t not in tunes:
        tunes.append(t)
train, test = windows(tunes[:210]), windows(tunes[210:])
freq = Counter(train[2].tolist())
unigram = -sum(math.log(freq[y] / len(train[2])) for y in test[2].tolist()) / len(test[2])
print(f"{len(train[2])} notes, unigram perplexity {math.exp(unigram):.2f}")

model = TiedNoteModel(len(SCALE))
opt = torch.optim.Adam(model.parameters(), lr=6e-3)
epochs, size = 9, 64
steps = epochs * math.ceil(len(train[2]) / size)
schedule = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, total_steps=steps)
for epoch in range(epochs):
    model.train()
    total = 0.0
    for b in torch.randperm(len(train[2])).split(size):
        loss = F.cross_entropy(model(train[0][b], train[1][b]), train[2][b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        schedule.step()
        total += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        out = model(test[0], test[1])
        ppl = F.cross_entropy(out, test[2]).exp().item()
    hit = (out.argmax(1) == test[2]).float().mean().item()
    print(f"epoch {epoch + 1}: train perplexity {math.exp(total / len(train[2])):.2f}, test perplexity {ppl:.2f}, next note right {hit:.3f}")
