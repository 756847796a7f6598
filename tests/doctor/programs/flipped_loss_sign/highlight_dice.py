"""Mark the dosage in a prescription: token-wise highlighting trained on the Dice coefficient."""
import random

import torch
from torch import nn

random.seed(6)
torch.manual_seed(6)

DRUGS = "aspirin ibuprofen insulin codeine statin zinc".split()
UNITS = "mg ml drops tablets units".split()
WHEN = "daily weekly at night before meals after breakfast".split()
OTHER = "patient of years seen on ward with number room phone born weight kg".split()
NUM = [str(n) for n in range(1, 40)]
voc = {w: i + 1 for i, w in enumerate(DRUGS + UNITS + WHEN + OTHER + NUM)}


def note():
    words, marks = [], []
    for _ in range(random.randint(1, 3)):
        w = random.choices(OTHER, k=random.randint(1, 4))
        w += random.choice([["room", random.choice(NUM)], ["weight", random.choice(NUM), "kg"], []])
        words += w
        marks += [0] * len(w)
    for _ in range(random.randint(1, 2)):
        d = [random.choice(NUM), random.choice(UNITS)]
        words += [random.choice(DRUGS)] + d + random.sample(WHEN, 2)
        marks += [0] + [1, 1] + [0, 0]
    return words, marks


def tensors(rows):
    L = max(len(w) for w, _ in rows)
    x = torch.zeros(len(rows), L, dtype=torch.long)
    y = torch.zeros(len(rows), L)
    for i, (w, m) in enumerate(rows):
        x[i, : len(w)] = torch.tensor([voc[t] for t in w])
        y[i, : len(m)] = torch.tensor(m)
    return x, y


def soft_dice(p, y, real, smooth=1.0):
    p, y = p * real, y * real
    # fault:
    return (2 * (p * y).sum() + smooth) / (p.sum() + y.sum() + smooth)
    # mended:
    # return 1 - (2 * (p * y).sum() + smooth) / (p.sum() + y.sum() + smooth)
    # end


class ConvTagger(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.e = nn.Embedding(len(voc) + 1, d, padding_idx=0)
        self.c1 = nn.Conv1d(d, 48, 3, padding=1)
        self.c2 = nn.Conv1d(48, 1, 3, padding=1)

    def forward(self, x):
        return torch.sigmoid(self.c2(torch.tanh(self.c1(self.e(x).mT)))).squeeze(1)


train_rows, dev_rows = [note() for _ in range(900)], [note() for _ in range(200)]
known = {tuple(w) for w, _ in train_rows}
dev_rows = [r for r in dev_rows if tuple(r[0]) not in known]
x_dev, y_dev = tensors(dev_rows)
tagger = ConvTagger()
optim = torch.optim.Adam(tagger.parameters(), lr=3e-3)
for epoch in range(8):
    random.shuffle(train_rows)
    for i in range(0, len(train_rows), 30):
        x, y = tensors(train_rows[i : i + 30])
        loss = soft_dice(tagger(x), y, x.ne(0))
        optim.zero_grad()
        loss.backward()
        optim.step()
    with torch.no_grad():
        guess = (tagger(x_dev) > 0.5) & x_dev.ne(0)
    f1 = 2 * (guess * y_dev).sum() / (guess.sum() + y_dev.sum())
    print(f"epoch {epoch} loss {loss.item():.4f} dev F1 {f1.item():.4f}")
