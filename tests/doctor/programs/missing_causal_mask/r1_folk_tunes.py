"""A tiny Transformer that finishes folk tunes in the style of four dances."""
import math
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(7)
random.seed(7)

NOTES = ["C4", "D4", "E4", "F4", "G4", "A4", "B4", "C5", "D5", "E5"]
MODES = ["<jig>", "<reel>", "<waltz>", "<polka>"]
VOCAB = ["<end>"] + MODES + NOTES
STOI = {s: i for i, s in enumerate(VOCAB)}
BARS = 4
# how the melody moves within a bar, then into the next one
STEPS = {"<jig>": [1, 1, -1, 2], "<reel>": [-1, 2, -1, -1], "<waltz>": [2, -1, 0, -2], "<polka>": [0, 3, 0, -4]}


def tune():
    mode = random.choice(MODES)
    at = random.randrange(len(NOTES))
    out = [mode]
    for bar in range(BARS):
        for step in STEPS[mode]:
            out.append(NOTES[at])
            # once in a while the fiddler does as he likes
            at = random.randrange(len(NOTES)) if random.random() < 0.12 else (at + step) % len(NOTES)
    return out + ["<end>"]


class Tunes(Dataset):
    def __init__(self, rows):
        self.rows = torch.tensor([[STOI[s] for s in r] for r in rows])

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        row = self.rows[i]
        return row[:-1], row[1:]


class TuneModel(nn.Module):
    def __init__(self, vocab, d=48, heads=4, layers=2, max_len=32):
        super().__init__()
        self.tok = nn.Embedding(vocab, d)
        self.pos = nn.Embedding(max_len, d)
        nn.init.normal_(self.tok.weight, std=0.3)
        nn.init.normal_(self.pos.weight, std=0.3)
        block = nn.TransformerEncoderLayer(d, heads, 2 * d, dropout=0.0, batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(block, layers, norm=nn.LayerNorm(d), enable_nested_tensor=False)
        self.out = nn.Linear(d, vocab)

    def forward(self, ids):
        x = self.tok(ids) + self.pos(torch.arange(ids.size(1)))
        # fault:
        h = self.blocks(x)
        # mended:
        #h = self.blocks(x, mask=nn.Transformer.generate_square_subsequent_mask(ids.size(1)))
        # end
        return self.out(h)


@torch.no_grad()
def finish(model, prompt, n):
    ids = prompt
    for _ in range(n):
        nxt = model(ids)[:, -1].argmax(-1, keepdim=True)
        ids = torch.cat([ids, nxt], 1)
    return ids[:, prompt.size(1):]


# every tune once
book = sorted({tuple(tune()) for _ in range(1400)})
random.shuffle(book)
train_set, test_set = Tunes(book[:1150]), Tunes(book[1150:])
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)

model = TuneModel(len(VOCAB))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()

for epoch in range(1, 9):
    model.train()
    total = 0.0
    for x, y in train_loader:
        logits = model(x)
        loss = criterion(logits.reshape(-1, len(VOCAB)), y.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    model.eval()
    with torch.no_grad():
        x, y = zip(*[test_set[i] for i in range(len(test_set))])
        x, y = torch.stack(x), torch.stack(y)
        val = criterion(model(x).reshape(-1, len(VOCAB)), y.reshape(-1)).item()
    print(f"epoch {epoch:2d}  train {total / len(train_set):.3f}  test {val:.3f}  ppl {math.exp(val):.2f}")

# whistle a bar to the model and let it play on
rows = test_set.rows
start = 1 + 4
made = finish(model, rows[:, :start], 4 * (BARS - 1) + 1)
good = total = 0
for r in range(len(rows)):
    line = [VOCAB[i] for i in rows[r, :start].tolist() + made[r].tolist()]
    if r < 3:
        print("   ", " ".join(line[:start]), "|", " ".join(line[start:]))
    for k in range(start, len(line) - 1):
        total += 1
        step = STEPS[line[0]][(k - 2) % 4]
        if line[k] in NOTES and line[k - 1] in NOTES:
            good += (NOTES.index(line[k]) - NOTES.index(line[k - 1]) - step) % len(NOTES) == 0
print(f"played notes that are in style: {good / total:.3f}")
