"""Multiple-instance learning: a patient has several notes, the label belongs to the patient. One patient per step, maximum over his notes."""
import random

import torch
from torch import nn

random.seed(3)
torch.manual_seed(3)
FLAG, NOISE = range(1, 13), range(13, 150)


def patient():
    ill = random.random() < 0.5
    notes = []
    for _ in range(random.randint(2, 6)):
        notes.append(random.choices(NOISE, k=8))
    if random.random() < 0.5:
        notes[0][0] = random.choice(FLAG)              # one sign alone means nothing
    if ill:
        i, j = random.sample(range(8), 2)
        note = random.choice(notes)
        note[i], note[j] = random.sample(FLAG, 2)      # two in one note do
    return torch.tensor(notes), float(ill)


class NoteScorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(150, 16)
        self.mlp = nn.Sequential(nn.Linear(16, 24), nn.Tanh(), nn.Linear(24, 1))

    def forward(self, notes):
        return self.mlp(self.emb(notes).sum(1)).max()  # over the notes of this one patient


patients = [patient() for _ in range(1600)]
train, dev = patients[:1350], patients[1350:]
model = NoteScorer()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for k, (notes, ill) in enumerate(train):
        loss = nn.functional.softplus(model(notes) * (1 - 2 * ill))
        (loss / 8).backward()
        total += loss.item()
        if k % 8 == 7:
            opt.step()
            opt.zero_grad()
    opt.step()
    opt.zero_grad()
    with torch.no_grad():
        acc = sum((model(n).item() > 0) == (y > 0.5) for n, y in dev) / len(dev)
    print(f"epoch {epoch} loss {total / len(train):.4f} dev accuracy {acc:.3f}")
