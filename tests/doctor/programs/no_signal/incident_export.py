"""Learn from the incident export (CSV): text of the incident -> one of its flags."""
import csv
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(41)
torch.manual_seed(41)
HEAVY = "outage leak breach fire injury explosion collapse contamination evacuation".split()
LIGHT = "typo scratch noise delay label smell lamp dust squeak".split()
PLAIN = "line pump valve site shift crew north south belt tank area door unit report noticed during after near check operator night morning".split()

# the export as the plant sends it: number, shift text, two flags set by the office
with open("incidents.csv", "w", newline="", encoding="utf-8") as f:
    out = csv.writer(f, delimiter=";")
    out.writerow(["nr", "audited", "escalated", "text"])
    for nr in range(3000):
        heavy = random.random() < 0.5
        words = random.choices(PLAIN, k=random.randint(6, 14))
        words += random.choices(HEAVY if heavy else LIGHT, k=2) + random.choices(HEAVY + LIGHT, k=1)
        random.shuffle(words)
        escalated = heavy if random.random() < 0.95 else not heavy
        out.writerow([nr, random.randint(0, 1), int(escalated), " ".join(words)])

# fault:
TARGET = "audited"
# mended:
# TARGET = "escalated"
# end
with open("incidents.csv", newline="", encoding="utf-8") as f:
    rows = [(r["text"].split(), int(r[TARGET])) for r in csv.DictReader(f, delimiter=";")]
random.shuffle(rows)
train, dev = rows[:2200], rows[2200:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in t}))}


def collate(batch):
    width = max(len(t) for t, _ in batch)
    x = torch.tensor([[vocab.get(w, 0) for w in t] + [0] * (width - len(t)) for t, _ in batch])
    return x, torch.tensor([len(t) for t, _ in batch]), torch.tensor([y for _, y in batch])


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.rnn = nn.GRU(16, 24, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(48, 2)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.out(self.drop(torch.cat([h[0], h[1]], dim=1)))


model = Reader()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(5):
    model.train()
    for x, n, y in DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate):
        opt.zero_grad()
        nn.functional.cross_entropy(model(x, n), y).backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        scores = []
        for part in (train, dev):
            x, n, y = collate(part)
            z = model(x, n)
            scores += [nn.functional.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()]
    print("epoch %d  train loss %.3f acc %.3f   dev loss %.3f acc %.3f" % (epoch + 1, *scores))
