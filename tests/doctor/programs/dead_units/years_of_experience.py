"""Years of experience that a job advert asks for. Years cannot be negative."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(38)
torch.manual_seed(38)
level = {"intern": 0.0, "junior": 1.0, "assistant": 1.5, "senior": 6.0, "lead": 8.0, "head": 10.0, "principal": 9.0, "trainee": 0.5}
field = {"cook": 0.0, "nurse": 0.5, "engineer": 1.0, "lawyer": 1.5, "driver": 0.0, "teacher": 0.5, "architect": 2.0, "clerk": 0.0}
extra = "we are looking for a full time in our team office city hospital start now good pay".split()
vocab = {w: i for i, w in enumerate(list(level) + list(field) + extra)}


def advert():
    a, b = random.choice(list(level)), random.choice(list(field))
    words = random.choices(extra, k=8) + [a, b]
    random.shuffle(words)
    return tuple(words), level[a] + field[b] + random.gauss(0, 0.3)


rows = [(t, max(0.0, y)) for t, y in dict(advert() for _ in range(1600)).items()]
X = torch.tensor([[vocab[w] for w in t] for t, _ in rows])
Y = torch.tensor([y for _, y in rows])
model = nn.Sequential(
    nn.EmbeddingBag(len(vocab), 32, mode="mean"),
    nn.Linear(32, 32),
    nn.ReLU(),
    nn.Linear(32, 1),
    # fault:
    nn.ReLU(),
    # mended:
    # nn.Identity(),
    # end
)
model[0].weight.data.uniform_(-0.1, 0.1)
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
criterion = nn.MSELoss()
loader = DataLoader(TensorDataset(X[:1200], Y[:1200]), batch_size=24, shuffle=True)
for epoch in range(14):
    for x, y in loader:
        loss = criterion(model(x).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        p = model(X[1200:]).squeeze(1)
    print(f"epoch {epoch} loss {loss.item():.4f} dev MAE {(p - Y[1200:]).abs().mean():.3f} years")
