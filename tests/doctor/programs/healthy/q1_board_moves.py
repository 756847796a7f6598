# Move model of a small board game: predicts the next square of a piece's walk. Tied weights, label smoothing, gradient accumulation.
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(9)
torch.manual_seed(9)
SIDE = 5
N = SIDE * SIDE
LEN = 12
STEPS = {"N": (-1, 0), "S": (1, 0), "W": (0, -1), "E": (0, 1)}


def walk():
    r, c = random.randrange(SIDE), random.randrange(SIDE)
    heading = random.choice("NSWE")
    squares = [r * SIDE + c]
    while len(squares) < LEN:
        # a piece keeps its heading until the border, then turns right
        if random.random() < 0.08:
            heading = random.choice("NSWE")
        for _ in range(4):
            dr, dc = STEPS[heading]
            if 0 <= r + dr < SIDE and 0 <= c + dc < SIDE:
                break
            heading = {"N": "E", "E": "S", "S": "W", "W": "N"}[heading]
        r, c = r + dr, c + dc
        squares.append(r * SIDE + c)
    return tuple(squares)


games = set()
while len(games) < 1500:
    games.add(walk())
games = sorted(games)
random.shuffle(games)
games = torch.tensor(games)
train, dev = games[:1200], games[1200:]


class MoveModel(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.square = nn.Embedding(N, d)
        nn.init.normal_(self.square.weight, std=0.2)
        self.rnn = nn.GRU(d, 48, batch_first=True)
        self.back = nn.Linear(48, d)
        self.bias = nn.Parameter(torch.zeros(N))

    def forward(self, squares):
        h, _ = self.rnn(self.square(squares))
        return F.linear(self.back(h), self.square.weight, self.bias)


model = MoveModel()
opt = torch.optim.AdamW(model.parameters(), lr=8e-3, weight_decay=0.01)
EPOCHS, MICRO, ACCUMULATE = 9, 20, 2
schedule = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, total_steps=EPOCHS * len(train) // (MICRO * ACCUMULATE))


def loss_of(batch, smoothing):
    logits = model(batch[:, :-1])
    return F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten(), label_smoothing=smoothing), logits


for epoch in range(EPOCHS):
    model.train()
    for k, idx in enumerate(torch.randperm(len(train)).split(MICRO)):
        loss, _ = loss_of(train[idx], 0.05)
        (loss / ACCUMULATE).backward()
        if (k + 1) % ACCUMULATE == 0:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            schedule.step()
            opt.zero_grad()
    model.eval()
    with torch.no_grad():
        dev_loss, logits = loss_of(dev, 0.0)
        train_loss, _ = loss_of(train, 0.0)
        hit = (logits.argmax(-1) == dev[:, 1:])[:, 1:].float().mean().item()
    print(f"epoch {epoch}  train {train_loss.item():.3f}  dev {dev_loss.item():.3f}  perplexity {math.exp(dev_loss.item()):.2f}  next square right {hit:.3f}")
print(f"chance {1 / N:.3f}")
