"""Ward notes as code sequences; a learned query reads the note and names the unit that should see it."""
import math
import random

import torch
from torch import nn

random.seed(17)
torch.manual_seed(17)

UNITS = ["cardio", "neuro", "renal", "derma", "ortho"]
CUES = {u: [f"{u}_{i}" for i in range(12)] for u in UNITS}
FILL = [f"w{i}" for i in range(150)]
VOCAB = {"<pad>": 0}
for w in FILL + [c for cs in CUES.values() for c in cs]:
    VOCAB[w] = len(VOCAB)


def note():
    unit = random.randrange(len(UNITS))
    n = random.randint(4, 60)
    words = random.choices(FILL, k=n)
    spots = random.sample(range(n), 3)
    for s in spots[:2]:
        words[s] = random.choice(CUES[UNITS[unit]])
    other = random.choice([u for u in range(len(UNITS)) if u != unit])
    words[spots[2]] = random.choice(CUES[UNITS[other]])
    return [VOCAB[w] for w in words], unit


class Batches:
    """Cuts a corpus into batches; notes of like length go together when `bucket` is set."""

    def __init__(self, rows, size, bucket):
        rows = sorted(rows, key=lambda r: len(r[0])) if bucket else list(rows)
        self.chunks = [rows[i:i + size] for i in range(0, len(rows), size)]
        self.shuffle = bucket

    def __len__(self):
        return len(self.chunks)

    def __iter__(self):
        if self.shuffle:
            random.shuffle(self.chunks)
        for chunk in self.chunks:
            ids = torch.zeros(len(chunk), max(len(r[0]) for r in chunk), dtype=torch.long)
            for i, (seq, _) in enumerate(chunk):
                ids[i, :len(seq)] = torch.tensor(seq)
            yield ids, torch.tensor([u for _, u in chunk])


class Reader(nn.Module):
    def __init__(self, vocab, dim, heads):
        super().__init__()
        self.heads, self.width = heads, dim // heads
        self.table = nn.Parameter(torch.randn(vocab, dim))
        self.query = nn.Parameter(torch.randn(heads, self.width))
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)

    def split(self, t):
        return t.view(t.shape[0], t.shape[1], self.heads, self.width)

    def forward(self, ids):
        x = self.table[ids]
        k, v = self.split(self.key(x)), self.split(self.value(x))
        score = torch.einsum("hd,bthd->bht", self.query, k) / math.sqrt(self.width)
        # fault:
        weight = score.softmax(dim=-1)
        # mended:
        #weight = score.masked_fill((ids == 0)[:, None, :], float("-inf")).softmax(dim=-1)
        # end
        return torch.einsum("bht,bthd->bhd", weight, v).flatten(1)


class Router(nn.Module):
    def __init__(self, vocab, units, dim=32, heads=2):
        super().__init__()
        self.reader = Reader(vocab, dim, heads)
        self.head = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, units))

    def forward(self, ids):
        return self.head(self.reader(ids))


def score(model, batches):
    model.eval()
    with torch.no_grad():
        hits = [(model(x).argmax(1) == y).float() for x, y in batches]
    return torch.cat(hits).mean().item()


rows = [note() for _ in range(3800)]
train, test = Batches(rows[:3200], 32, bucket=True), Batches(rows[3200:], 300, bucket=False)
model = Router(len(VOCAB), len(UNITS))
EPOCHS = 7
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
criterion = nn.CrossEntropyLoss()
for epoch in range(1, EPOCHS + 1):
    model.train()
    seen = 0.0
    for x, y in train:
        opt.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        opt.step()
        seen += loss.item()
    sched.step()
    print(f"epoch {epoch}: loss {seen / len(train):.3f}, train {score(model, train):.3f}, test {score(model, test):.3f}")
