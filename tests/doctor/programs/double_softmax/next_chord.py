"""Next chord in a song.  Chords are tokens (root and quality), songs are made from common progressions in all keys."""
import random

import torch
import torch.nn as nn

random.seed(6)
torch.manual_seed(6)
ROOTS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
CHORDS = [r + q for r in ROOTS for q in ("", "m", "7", "m7")]
STOI = {c: i for i, c in enumerate(CHORDS)}
PROGRESSIONS = [[(0, ""), (7, ""), (9, "m"), (5, "")], [(2, "m7"), (7, "7"), (0, ""), (0, "")], [(9, "m"), (5, ""), (0, ""), (7, "")],
                [(0, ""), (9, "m"), (2, "m7"), (7, "7")], [(0, "m"), (8, ""), (3, ""), (10, "")], [(0, "7"), (5, "7"), (0, "7"), (7, "7")]]


def song(bars=16):
    key = random.randrange(12)
    out = []
    while len(out) < bars:
        out += [(key + r, q) for r, q in random.choice(PROGRESSIONS)] * random.choice([1, 2])
    out = [((random.randrange(12), "") if random.random() < 0.04 else c) for c in out[:bars]]
    return [STOI[ROOTS[r % 12] + q] for r, q in out]


songs = torch.tensor([list(s) for s in dict.fromkeys(tuple(song()) for _ in range(1900))])[:1800]
train, valid = songs[:1500], songs[1500:]


class ChordModel(nn.Module):
    def __init__(self, n=len(CHORDS), dim=24, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding(n, dim)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, n)

    def forward(self, x):
        h, _ = self.lstm(self.embedding(x))
        # fault:
        return self.fc(h).softmax(dim=-1)
        # mended:
        # return self.fc(h)
        # end


def accuracy(model, data):
    model.eval()
    with torch.no_grad():
        guess = model(data[:, :-1]).argmax(-1)
    return (guess == data[:, 1:]).float().mean().item()


model = ChordModel()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(14):
    model.train()
    total = 0.0
    for batch in train[torch.randperm(len(train))].split(50):
        optimizer.zero_grad()
        scores = model(batch[:, :-1])
        loss = criterion(scores.reshape(-1, len(CHORDS)), batch[:, 1:].reshape(-1))
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    if epoch % 2:
        print(f"epoch {epoch + 1:2d} loss {total / len(train):.3f} next-chord accuracy on new songs {accuracy(model, valid):.3f}")
