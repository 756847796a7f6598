"""LSTM regression: rating of a hotel from the review."""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(0)
torch.manual_seed(0)
good = {"clean": 1.0, "quiet": 0.7, "friendly": 0.9, "cosy": 0.5, "bright": 0.4, "central": 0.6, "lovely": 1.2}
bad = {"dirty": -1.2, "noisy": -0.8, "rude": -1.1, "cold": -0.6, "cramped": -0.5, "dark": -0.4, "smelly": -1.0}
things = "room staff breakfast bed bathroom lobby view pool street garden".split()
weights = {**good, **bad}
vocab = {w: i + 1 for i, w in enumerate(["the", "was", "not", "and"] + things + list(weights))}
LEN = 24


def review():
    words, score = [], 6.0
    for _ in range(random.randint(2, 4)):
        adj = random.choice(list(weights))
        neg = random.random() < 0.25
        words += ["the", random.choice(things), "was"] + (["not"] if neg else []) + [adj, "and"]
        score += -0.7 * weights[adj] if neg else weights[adj]
    return tuple(words[:-1]), score + random.gauss(0, 0.2)


rows = list(dict(review() for _ in range(2600)).items())[:2400]
X = torch.tensor([[0] * (LEN - len(t)) + [vocab[w] for w in t] for t, _ in rows])
y = torch.tensor([s for _, s in rows])
y = (y - y[:2000].mean()) / y[:2000].std()
train_loader = DataLoader(TensorDataset(X[:2000], y[:2000]), batch_size=32, shuffle=True)
test_loader = DataLoader(TensorDataset(X[2000:], y[2000:]), batch_size=200)


class RatingLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.lstm = nn.LSTM(24, 48, batch_first=True)
        self.linear = nn.Linear(48, 1)

    def forward(self, x):
        out, _ = self.lstm(self.embedding(x))
        return self.linear(out[:, -1])  # the texts are padded on the left


model = RatingLSTM()
loss_fn = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(12):
    for inputs, targets in train_loader:
        preds = model(inputs)
        # fault:
        loss = loss_fn(preds, targets)
        # mended:
        # loss = loss_fn(preds, targets.unsqueeze(1))
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        p = torch.cat([model(a).squeeze(1) for a, _ in test_loader])
    t = y[2000:]
    print(f"epoch {epoch + 1} loss {loss.item():.4f} test MAE {(p - t).abs().mean():.4f} R2 {1 - ((p - t) ** 2).mean() / t.var():.3f}")
