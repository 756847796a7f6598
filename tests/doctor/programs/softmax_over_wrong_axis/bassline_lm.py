"""Next-note model for bass lines (tokens are note names), LSTM, time-major batches."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(8)
torch.manual_seed(8)
T, B = 24, 32
NOTES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
SCALE = [0, 2, 4, 5, 7, 9, 11]
PROG = [[0, 3, 4, 0], [0, 5, 3, 4], [1, 4, 0, 0]]
vocab = {"rest": 0, **{n: i + 1 for i, n in enumerate(NOTES)}}


def piece():
    key, prog, out = random.randrange(12), random.choice(PROG), []
    figure = random.choice([[0, 2, 4, 2], [0, 0, 4, 4], [0, 4, 2, 4]])
    while len(out) < T + 1:
        for degree in prog:
            for step in figure:
                if random.random() < 0.06:
                    out.append(0)
                else:
                    out.append(1 + (key + SCALE[(degree + step) % 7]) % 12)
    start = random.randrange(4)
    return (out + out)[start:start + T + 1]


pieces = list({tuple(piece()) for _ in range(1700)})
random.shuffle(pieces)
data = torch.tensor(pieces)
train, dev = data[:-250], data[-250:]


class BassLM(nn.Module):
    def __init__(self, v, d=24, h=64):
        super().__init__()
        self.embed = nn.Embedding(v, d)
        self.lstm = nn.LSTM(d, h)
        self.proj = nn.Linear(h, v)

    def forward(self, x):                      # (T, B)
        h, _ = self.lstm(self.embed(x))
        scores = self.proj(h)                  # (T, B, V)
        # fault:
        return F.log_softmax(scores, dim=0)
        # mended:
        # return F.log_softmax(scores, dim=2)
        # end


model = BassLM(len(vocab))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 14)
criterion = nn.NLLLoss()


def run(rows, learn):
    total, hits = 0.0, 0
    order = torch.randperm(len(rows)) if learn else torch.arange(len(rows))
    for idx in order.split(B):
        seq = rows[idx].t()
        x, y = seq[:-1], seq[1:]
        logp = model(x)
        loss = criterion(logp.reshape(-1, len(vocab)), y.reshape(-1))
        if learn:
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        total += loss.item() * len(idx)
        hits += (logp.argmax(2) == y).sum().item()
    return total / len(rows), hits / (len(rows) * T)


for epoch in range(14):
    tr = run(train, True)
    scheduler.step()
    with torch.no_grad():
        de = run(dev, False)
    print(f"epoch {epoch:2d}  train {tr[0]:.3f}/{tr[1]:.3f}  dev {de[0]:.3f}/{de[1]:.3f}")
