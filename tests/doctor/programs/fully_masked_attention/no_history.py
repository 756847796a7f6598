"""Next song tag from the last ones heard: each user's history is attended by the candidate."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(84); torch.manual_seed(84)
genres = {g: [f"{g}_{i}" for i in range(12)] for g in ("jazz", "metal", "folk", "techno")}
names = list(genres)


def event():
    taste = random.choice(names)
    k = random.choice([0, 1, 2, 3, 4, 5, 6, 8]) if random.random() < 0.15 else random.randint(2, 8)
    history = [random.choice(genres[taste if random.random() < 0.85 else random.choice(names)]) for _ in range(k)]
    liked = random.random() < 0.5
    g = taste if liked else random.choice([n for n in names if n != taste])
    return history, random.choice(genres[g]), float(liked)


train, dev = [event() for _ in range(1500)], [event() for _ in range(400)]
vocab = {s: i + 1 for i, s in enumerate(sum(genres.values(), []))}


def collate(rows):
    T = max(1, max(len(h) for h, _, _ in rows))
    hist = torch.tensor([[vocab[s] for s in h] + [0] * (T - len(h)) for h, _, _ in rows])
    return hist, torch.tensor([vocab[c] for _, c, _ in rows]), torch.tensor([y for *_, y in rows])


class Recommender(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.songs = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.key = nn.Linear(d, d)
        self.mlp = nn.Sequential(nn.Linear(3 * d, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, hist, cand):
        h, c = self.songs(hist), self.songs(cand)
        att = torch.einsum("btd,bd->bt", self.key(h), c) / 4.0
        # fault:
        att = att.masked_fill(hist == 0, float("-inf")).softmax(1)
        # mended:
        # att = att.masked_fill(hist == 0, torch.finfo(att.dtype).min).softmax(1)
        # end
        read = (att.unsqueeze(2) * h).sum(1)
        return self.mlp(torch.cat([read, c, read * c], 1)).squeeze(1)


net = Recommender()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(8):
    losses = []
    for hist, cand, y in DataLoader(train, 30, shuffle=True, collate_fn=collate):
        loss = bce(net(hist, cand), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        hist, cand, y = collate(dev)
        print(f"epoch {epoch} loss {sum(losses) / 50:.4f} dev {((net(hist, cand) > 0) == (y > 0)).float().mean().item():.4f}")
