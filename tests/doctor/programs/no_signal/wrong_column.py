"""Urgency of support mails exported from the ticket system."""
import csv
import io
import random

import torch
from torch import nn

random.seed(73)
torch.manual_seed(73)
URGENT = "down outage urgent immediately losing blocked critical".split()
CALM = "question whenever wondering feedback idea curious suggestion".split()
WORDS = "hello team our server page invoice the is since about account a please with user".split()


def export(n):
    """The system's CSV: id, weekday of arrival, text, urgency."""
    out = io.StringIO()
    writer = csv.writer(out)
    for i in range(n):
        urgent = random.randint(0, 1)
        words = random.choices(WORDS, k=random.randint(6, 10)) + random.choices(URGENT if urgent else CALM, k=2)
        random.shuffle(words)
        writer.writerow([i, random.randint(0, 1), " ".join(words), urgent])
    return out.getvalue()


rows = list(csv.reader(io.StringIO(export(2400))))
# fault:
texts, labels = [r[2].split() for r in rows], [int(r[1]) for r in rows]
# mended:
# texts, labels = [r[2].split() for r in rows], [int(r[3]) for r in rows]
# end
vocab = {w: i + 1 for i, w in enumerate(sorted({w for t in texts[:2000] for w in t}))}
X = nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(w, 0) for w in t]) for t in texts], batch_first=True)
Y = torch.tensor(labels)


class Urgency(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.gru = nn.GRU(16, 24, batch_first=True)
        self.clf = nn.Linear(24, 2)

    def forward(self, x):
        n = (x != 0).sum(1)
        _, h = self.gru(nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False))
        return self.clf(h[0])


model = Urgency()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(4):
    tot = 0.0
    for i in torch.randperm(2000).split(40):
        loss = nn.functional.cross_entropy(model(X[i]), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    with torch.no_grad():
        acc = (model(X[2000:]).argmax(1) == Y[2000:]).float().mean().item()
    print(f"epoch {epoch}: loss {tot / 50:.4f} dev acc {acc:.4f}")
