"""Ported from Keras: CNN over characters, is the order code valid for its warehouse?"""
import random
import string

import torch
from torch import nn

random.seed(52)
torch.manual_seed(52)
CHARS = string.ascii_uppercase + string.digits + "-"
c2i = {c: i + 1 for i, c in enumerate(CHARS)}
GOOD = ["QX", "7K", "LM", "0Z", "VR"]


def code():
    s = "".join(random.choices(string.ascii_uppercase + string.digits, k=random.randint(8, 16)))
    y = random.randint(0, 1)
    for g in GOOD:
        s = s.replace(g, g[0] + "-")
    if y:
        k = random.randrange(len(s) - 2)
        s = s[:k] + random.choice(GOOD) + s[k + 2 :]
    return s, y


def encode(items):
    width = max(len(s) for s, _ in items)
    x = torch.zeros(len(items), width, dtype=torch.long)
    for i, (s, _) in enumerate(items):
        x[i, : len(s)] = torch.tensor([c2i[c] for c in s])
    return x, torch.tensor([float(y) for _, y in items])


class CharCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(CHARS) + 1, 16, padding_idx=0)
        self.conv1d = nn.Conv1d(16, 48, kernel_size=2)
        self.dense = nn.Linear(48, 1)

    def forward(self, x):
        h = torch.relu(self.conv1d(self.embedding(x).permute(0, 2, 1)))
        pad = (x[:, 1:] == 0).unsqueeze(1)
        return self.dense(h.masked_fill(pad, 0.0).max(dim=2)[0]).view(-1)


model = CharCNN()
# fault:
optimizer = torch.optim.Adadelta(model.parameters(), lr=0.001, rho=0.95)
# mended:
# optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0, rho=0.95)
# end
loss_fn = nn.BCEWithLogitsLoss()
x_train, y_train = encode([code() for _ in range(1600)])
x_val, y_val = encode([code() for _ in range(400)])
for epoch in range(10):
    running = 0.0
    for b in torch.randperm(1600).split(32):
        optimizer.zero_grad()
        loss = loss_fn(model(x_train[b]), y_train[b])
        loss.backward()
        optimizer.step()
        running += loss.item()
    with torch.no_grad():
        val = ((model(x_val) > 0) == (y_val > 0.5)).float().mean().item()
    print(f"Epoch {epoch + 1}/10 - loss: {running / 50:.4f} - val_acc: {val:.4f}")
