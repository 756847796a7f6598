"""Predict the vector of the next word instead of its id."""
import random

import torch
from torch import nn

random.seed(2)
torch.manual_seed(2)
subjects = "farmer teacher sailor doctor baker painter".split()
verbs = {"farmer": "ploughs", "teacher": "explains", "sailor": "steers", "doctor": "treats", "baker": "kneads", "painter": "mixes"}
things = {"ploughs": "field", "explains": "lesson", "steers": "boat", "treats": "patient", "kneads": "dough", "mixes": "colours"}
adjectives = "old young tired clever quiet busy tall small proud shy calm loud".split()


def sentence():
    s = random.choice(subjects)
    return ["<s>", "the", random.choice(adjectives), s, verbs[s], "the", things[verbs[s]], "."]


words = sorted({w for _ in range(500) for w in sentence()})
ids = {w: i for i, w in enumerate(words)}
vectors = torch.randn(len(words), 40)
vectors = vectors / vectors.norm(dim=1, keepdim=True) * 3


class NextVector(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.inp = nn.Embedding.from_pretrained(table)
        self.lstm = nn.LSTM(40, 64, batch_first=True)
        self.proj = nn.Linear(64, 40)

    def forward(self, x):
        h, _ = self.lstm(self.inp(x))
        return self.proj(h)


model = NextVector(vectors)
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
for step in range(200):
    x = torch.tensor([[ids[w] for w in sentence()] for _ in range(32)])
    predicted = model(x[:, :-1]).reshape(-1, 40)
    goal = vectors[x[:, 1:]].reshape(-1, 40)
    loss = criterion(predicted, goal)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 40 == 39:
        print(f"step {step + 1}: loss {loss.item():.4f}")

with torch.no_grad():
    x = torch.tensor([[ids[w] for w in sentence()] for _ in range(100)])
    out = nn.functional.normalize(model(x[:, 3:-1]), dim=-1)
    nearest = (out @ nn.functional.normalize(vectors, dim=1).T).argmax(-1)
print("nearest word accuracy", (nearest == x[:, 4:]).float().mean().item())
