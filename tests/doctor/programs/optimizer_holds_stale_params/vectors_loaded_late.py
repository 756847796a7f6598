"""Classify song lines by genre, vectors loaded once the vocabulary is known."""
import random

import torch
from torch import nn

random.seed(34)
torch.manual_seed(34)
GENRES = {
    "country": "truck road whiskey boots barn river".split(),
    "metal": "blood fire hell iron storm doom".split(),
    "pop": "baby dance tonight kiss radio heart".split(),
    "blues": "trouble woke morning gone train crying".split(),
}
FUNCTION = "i you the my on in and to me got been all no oh down so".split()


def song():
    g = random.randrange(4)
    line = random.choices(FUNCTION, k=random.randint(5, 9)) + random.sample(list(GENRES.values())[g], 1)
    random.shuffle(line)
    return line, g


class LyricsModel(nn.Module):
    def __init__(self, size, dim=16):
        super().__init__()
        self.embed = nn.Embedding(size, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, 24, batch_first=True)
        self.out = nn.Linear(24, 4)

    def load_vectors(self, matrix):
        self.embed = nn.Embedding.from_pretrained(matrix, freeze=False, padding_idx=0)

    def forward(self, x, n):
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(x), n, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.out(h[-1])


train = [song() for _ in range(1500)]
test = [song() for _ in range(300)]
itos = ["<pad>"] + sorted({w for t, _ in train for w in t})
stoi = {w: i for i, w in enumerate(itos)}
matrix = torch.randn(len(itos), 16) * 0.03
matrix[0] = 0


def batch(rows):
    seqs = [torch.tensor([stoi[w] for w in t]) for t, _ in rows]
    x = nn.utils.rnn.pad_sequence(seqs, batch_first=True)
    return x, torch.tensor([len(s) for s in seqs]), torch.tensor([g for _, g in rows])


model = LyricsModel(len(itos))
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
model.load_vectors(matrix)
# mended:
# model.load_vectors(matrix)
# optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
# end
for epoch in range(3):
    model.train()
    random.shuffle(train)
    losses = []
    for i in range(0, 1500, 30):
        x, n, y = batch(train[i : i + 30])
        loss = nn.functional.cross_entropy(model(x, n), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print("epoch", epoch, "loss", round(sum(losses) / len(losses), 3))
model.eval()
with torch.no_grad():
    x, n, y = batch(test)
    print("test accuracy", (model(x, n).argmax(1) == y).float().mean().item())
