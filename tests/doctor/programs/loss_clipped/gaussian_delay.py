"""Predict delivery days with an uncertainty from the text of the order note."""
import random

import torch
from torch import nn

random.seed(12)
torch.manual_seed(12)
EFFECT = {"express": -2.0, "overnight": -2.5, "standard": 0.0, "island": 1.5, "customs": 2.0, "holiday": 1.2, "strike": 2.5, "local": -1.0, "fragile": 0.4, "bulky": 0.8}
OTHER = "order with note for the and via please deliver gift door leave at to".split()
vocab = {w: i + 1 for i, w in enumerate(list(EFFECT) + OTHER)}


def make(n):
    xs, ys = [], []
    for _ in range(n):
        cues = random.sample(list(EFFECT), random.randint(1, 3))
        words = cues + random.choices(OTHER, k=6)
        random.shuffle(words)
        days = (sum(EFFECT[c] for c in cues) + random.gauss(0, 0.3)) / 5
        xs.append(torch.tensor([vocab[w] for w in words]))
        ys.append(days)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.fc = nn.Linear(24, 32)
        self.mu = nn.Linear(32, 1)
        self.log_var = nn.Linear(32, 1)

    def forward(self, x):
        h = torch.relu(self.fc(self.emb(x).sum(1)))
        return self.mu(h).squeeze(1), self.log_var(h).squeeze(1)


x, y = make(1500)
xt, yt = make(400)
model = Forecaster()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(12):
    for idx in torch.randperm(len(x)).split(50):
        mu, log_var = model(x[idx])
        nll = 0.5 * (log_var + (y[idx] - mu) ** 2 / log_var.exp())
        # fault:
        loss = torch.clamp(nll, 0, 10).mean()
        # mended:
        # loss = nll.mean()
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 3 == 2:
        print("epoch", epoch + 1, "loss", round(loss.item(), 4))
with torch.no_grad():
    mu, log_var = model(xt)
    r2 = 1 - ((yt - mu) ** 2).sum() / ((yt - yt.mean()) ** 2).sum()
    print("mean sigma", round(log_var.mul(0.5).exp().mean().item(), 3), "test R2", round(r2.item(), 4))
