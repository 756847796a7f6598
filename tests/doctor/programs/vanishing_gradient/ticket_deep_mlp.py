"""Department of a support ticket: word counts through a deep feed-forward network."""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(37)
torch.manual_seed(37)
departments = {"billing": "refund money invoice charged card euro".split(), "account": "login password username blocked profile email".split(),
               "shipping": "parcel delivery courier address late box".split(), "technical": "crash error bug screen install update".split()}
story = "i have been a customer for years and my wife said that we should write to you because the he called again".split()
vocab = {w: i for i, w in enumerate(sorted(set(story) | {w for v in departments.values() for w in v}))}


def ticket():
    y = random.randrange(4)
    words = random.choices(story, k=random.randint(8, 20)) + random.sample(list(departments.values())[y], random.randint(1, 3))
    counts = [0.0] * len(vocab)
    for w in words:
        counts[vocab[w]] += 1
    return tuple(counts), y


data = list(dict(ticket() for _ in range(2400)).items())
X, Y = torch.tensor([c for c, _ in data]), torch.tensor([y for _, y in data])
n = 2000


def block(n_in, n_out):
    # fault:
    return nn.Sequential(nn.Linear(n_in, n_out), nn.Sigmoid())
    # mended:
    # return nn.Sequential(nn.Linear(n_in, n_out), nn.ReLU())
    # end


class DeepNet(nn.Module):
    def __init__(self, width=64, depth=8):
        super().__init__()
        sizes = [len(vocab)] + [width] * depth
        self.hidden = nn.Sequential(*[block(a, b) for a, b in zip(sizes, sizes[1:])])
        self.out = nn.Linear(width, 4)

    def forward(self, x):
        return self.out(self.hidden(x))


model = DeepNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loader = DataLoader(TensorDataset(X[:n], Y[:n]), batch_size=32, shuffle=True)
for epoch in range(12):
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(X[n:]).argmax(1) == Y[n:]).float().mean()
    print(f"epoch {epoch + 1} loss {total / len(loader):.4f} dev accuracy {acc:.4f}")
