"""Attention over content words only (stop words are masked out), three topics."""
import random

import torch
from torch import nn

random.seed(33)
torch.manual_seed(33)

STOP = "the a an of to and in it is was that this for on with as be at".split()
TOPIC = [
    "piano violin chord melody opera singer concert tune".split(),
    "engine gear brake wheel clutch exhaust fuel piston".split(),
    "rain cloud storm sunny frost thunder breeze humid".split(),
]


def sentence(i):
    y = i % 3
    words = random.choices(STOP, k=random.randint(3, 9))
    k = 0 if i % 60 == 59 else random.randint(1, 4)
    for w in random.choices(TOPIC[y], k=k):
        words.insert(random.randint(0, len(words)), w)
    return words, y


rows = [sentence(i) for i in range(1000)]
random.shuffle(rows)
train, dev = rows[:700], rows[700:]
vocab = {w: i for i, w in enumerate(["<pad>"] + STOP + sum(TOPIC, []))}
n_ignored = 1 + len(STOP)


def batchify(part):
    longest = max(len(w) for w, _ in part)
    x = torch.tensor([[vocab[t] for t in w] + [0] * (longest - len(w)) for w, _ in part])
    return x, torch.tensor([y for _, y in part])


class KeywordAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.E = nn.Embedding(len(vocab), 16, padding_idx=0)
        self.q = nn.Parameter(torch.randn(16) * 0.25)
        self.k = nn.Linear(16, 16)
        self.out = nn.Linear(16, 3)

    def forward(self, x):
        v = self.E(x)
        scores = self.k(v) @ self.q
        # fault:
        scores = scores.masked_fill(x < n_ignored, float("-inf"))
        weights = torch.softmax(scores, dim=1)
        # mended:
        # content = x >= n_ignored
        # scores = scores.masked_fill(~content & content.any(1, keepdim=True) | (x == 0), float("-inf"))
        # weights = torch.softmax(scores, dim=1)
        # end
        return self.out((weights.unsqueeze(-1) * v).sum(1))


model = KeywordAttention()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
x_dev, y_dev = batchify(dev)
for epoch in range(6):
    random.shuffle(train)
    losses = []
    for s in range(0, 700, 28):
        x, y = batchify(train[s:s + 28])
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} dev {(model(x_dev).argmax(1) == y_dev).float().mean().item():.4f}")
