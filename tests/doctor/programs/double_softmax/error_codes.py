"""Sort machine log lines into 40 error codes. Packed BiGRU."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

rng = random.Random(8)
torch.manual_seed(8)
PARTS = "pump valve motor sensor belt fan relay filter".split()
EVENTS = "overheated leaking stalled silent noisy".split()
FILL = "unit station line shift report at on the again since morning night operator please check now was".split()
VOC = {w: i + 1 for i, w in enumerate(PARTS + EVENTS + FILL)}


def line():
    p, e = rng.randrange(8), rng.randrange(5)
    words = [PARTS[p], EVENTS[e]] + rng.choices(FILL, k=rng.randint(3, 9))
    # a part that is only mentioned follows the word "check"
    rng.shuffle(words)
    if rng.random() < 0.4:
        words += ["check", rng.choice(PARTS)]
    return torch.tensor([VOC[w] for w in words]), p * 5 + e


class LogClassifier(nn.Module):
    def __init__(self, n_classes=40):
        super().__init__()
        self.embed = nn.Embedding(len(VOC) + 1, 32, padding_idx=0)
        self.gru = nn.GRU(32, 48, bidirectional=True, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.classifier = nn.Linear(96, n_classes)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, seqs):
        lens = torch.tensor([len(s) for s in seqs])
        x = self.embed(pad_sequence(seqs, batch_first=True))
        _, h = self.gru(pack_padded_sequence(x, lens, batch_first=True, enforce_sorted=False))
        out = self.classifier(self.drop(torch.cat([h[0], h[1]], dim=1)))
        # fault:
        return self.softmax(out)
        # mended:
        # return out
        # end


lines, have = [], set()
while len(lines) < 2200:
    s, y = line()
    if tuple(s.tolist()) not in have:
        have.add(tuple(s.tolist()))
        lines.append((s, y))
train, val = lines[:1900], lines[1900:]
model = LogClassifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
for epoch in range(8):
    model.train()
    rng.shuffle(train)
    running = 0.0
    for i in range(0, len(train), 38):
        xs, ys = zip(*train[i : i + 38])
        optimizer.zero_grad()
        loss = criterion(model(xs), torch.tensor(ys))
        loss.backward()
        optimizer.step()
        running += loss.item() / 50
    model.eval()
    with torch.no_grad():
        xs, ys = zip(*val)
        scores = model(xs)
        acc = (scores.argmax(1) == torch.tensor(ys)).float().mean()
    print(f"Epoch {epoch + 1}: train loss {running:.4f}, val accuracy {acc:.3f}")
