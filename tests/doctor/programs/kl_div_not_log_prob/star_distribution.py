"""Predict the distribution of the stars that 20 readers give to a film from a short review."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

random.seed(3)
torch.manual_seed(3)
tone = {"awful": -3, "boring": -2, "dull": -2, "weak": -1.5, "slow": -1, "uneven": -0.5, "fine": 0.3, "decent": 0.6, "warm": 1,
        "funny": 1.5, "clever": 2, "moving": 2, "great": 2.5, "superb": 3, "messy": -1.2, "charming": 1.7, "pointless": -2.5, "fresh": 1.1}
nouns = "plot cast ending music dialogue camera story script hero villain scenes pace jokes score".split()
vocab = {w: i + 1 for i, w in enumerate(list(tone) + nouns + ["the", "is", "and", "but", "very"])}


def review():
    parts, total = [], 0.0
    for _ in range(random.randint(1, 4)):
        adj = random.choice(list(tone))
        k = 1.0
        words = ["the", random.choice(nouns), "is"]
        if random.random() < 0.3:
            words.append("very")
            k = 1.4
        parts += words + [adj, random.choice(["and", "but"])]
        total += k * tone[adj]
    mean = 3 + 0.7 * total
    stars = torch.tensor([min(5, max(1, round(random.gauss(mean, 0.8)))) for _ in range(20)])
    return parts[:-1], torch.bincount(stars - 1, minlength=5).float() / 20


def encode(tokens, n=24):
    return [vocab[t] for t in tokens] + [0] * (n - len(tokens))


seen, xs, ps = set(), [], []
while len(xs) < 2400:
    t, p = review()
    if tuple(t) not in seen:
        seen.add(tuple(t))
        xs.append(encode(t))
        ps.append(p)
X, P = torch.tensor(xs), torch.stack(ps)
train_dl = DataLoader(TensorDataset(X[:2000], P[:2000]), batch_size=32, shuffle=True)


class StarModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 32, padding_idx=0)
        self.gru = nn.GRU(32, 32, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(64, 5)

    def forward(self, x):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), (x != 0).sum(1), batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.fc(torch.cat([h[0], h[1]], 1))


model = StarModel()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
kl_loss = nn.KLDivLoss(reduction="batchmean")
for epoch in range(6):
    for x, p in train_dl:
        # fault:
        out = F.softmax(model(x), dim=1)
        # mended:
        # out = F.log_softmax(model(x), dim=1)
        # end
        loss = kl_loss(out, p)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        q = F.softmax(model(X[2000:]), dim=1)
        distance = (q - P[2000:]).abs().sum(1).mean() / 2
        best = (q.argmax(1) == P[2000:].argmax(1)).float().mean()
    print(f"epoch {epoch}: loss {loss.item():.4f}, total variation {distance:.3f}, same favourite {best:.3f}")
