"""Transfer: embeddings learned on many room-topic labels, then frozen for a small 'indoor/outdoor' task."""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(91)
rng = np.random.default_rng(91)
V, ROOMS, LEN = 240, 8, 12
W = np.full((ROOMS, V), 1.0)
for r in range(ROOMS):
    W[r, r * 30:(r + 1) * 30] = 14.0
W /= W.sum(1, keepdims=True)


def draw(n):
    r = rng.integers(0, ROOMS, n)
    x = np.stack([rng.choice(V, LEN, p=W[k]) for k in r])
    return torch.from_numpy(x), torch.from_numpy(r)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(V, 20)
        self.mix = nn.Linear(20, 20)

    def forward(self, x):
        return torch.tanh(self.mix(self.table(x).mean(dim=1)))


def run(params, forward, data, test, epochs, lr, title):
    opt = torch.optim.Adam(params, lr=lr)
    for ep in range(epochs):
        tot = 0.0
        for x, y in DataLoader(TensorDataset(*data), batch_size=32, shuffle=True):
            loss = nn.functional.cross_entropy(forward(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(y)
        with torch.no_grad():
            a, b = [(forward(x).argmax(1) == y).float().mean().item() for x, y in (data, test)]
        print(f"{title} epoch {ep}: loss {tot / len(data[1]):.3f} train {a:.3f} test {b:.3f}")


encoder, room_head = Encoder(), nn.Linear(20, ROOMS)
run([*encoder.parameters(), *room_head.parameters()], lambda x: room_head(encoder(x)), draw(2500), draw(500), 5, 8e-3, "rooms")

for p in encoder.parameters():
    p.requires_grad_(False)
outdoor = torch.tensor([0, 1, 0, 0, 1, 1, 0, 1])
mood_head = nn.Linear(20, 2)
(xs, rs), (xt, rt) = draw(300), draw(600)
run(mood_head.parameters(), lambda x: mood_head(encoder(x)), (xs, outdoor[rs]), (xt, outdoor[rt]), 8, 3e-2, "outdoor")
