"""Does the story start and end at the same place? A plain RNN reads the words."""
import random

import torch
from torch import nn

random.seed(62)
torch.manual_seed(62)
PLACES = "forest harbour castle village desert".split()
STEPS = "then they walked slowly past hills and over bridges under rain with songs until".split()
vocab = {w: i for i, w in enumerate(PLACES + STEPS)}


def story():
    y = random.randint(0, 1)
    a = random.choice(PLACES)
    b = a if y else random.choice([p for p in PLACES if p != a])
    return [vocab[w] for w in [a] + random.choices(STEPS, k=23) + [b]], y


class StoryRNN(nn.Module):
    def __init__(self, hid=48):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 16)
        self.inp = nn.Linear(16, hid)
        self.rec = nn.Linear(hid, hid)
        # fault:
        nn.init.normal_(self.rec.weight, std=3.0 / hid**0.5)
        # mended:
        # nn.init.eye_(self.rec.weight)
        # end
        nn.init.zeros_(self.rec.bias)
        nn.init.normal_(self.inp.weight, std=0.05)
        self.out = nn.Linear(hid, 2)

    def forward(self, x):
        h = torch.zeros(x.size(0), self.rec.in_features)
        for t in range(x.size(1)):
            h = torch.relu(self.inp(self.emb(x[:, t])) + self.rec(h))
        return self.out(h)


data = [story() for _ in range(2000)]
X, Y = torch.tensor([s for s, _ in data]), torch.tensor([y for _, y in data])
model = StoryRNN()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(10):
    total = 0.0
    for i in torch.randperm(1600).split(40):
        loss = nn.functional.cross_entropy(model(X[i]), Y[i])
        optimizer.zero_grad()
        loss.backward()
        # fault:
        # mended:
        # nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        # end
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(X[1600:]).argmax(1) == Y[1600:]).float().mean().item()
    print(f"epoch {epoch}: loss {total / 40:.4g} dev accuracy {acc:.3f}")
