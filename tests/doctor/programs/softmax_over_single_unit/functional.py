import random

import torch
import torch.nn.functional as F

random.seed(201)
torch.manual_seed(201)
STREET = [a + b for a in "oak elm high mill church".split() for b in ["street", "lane", "road"]]
PERSON = [a + b for a in "mar jon ell kat tom".split() for b in ["ia", "as", "en", "ie"]]
CHARS = "abcdefghijklmnopqrstuvwxyz0123456789"


def sample():
    if random.random() < 0.5:
        return str(random.randint(1, 99)) * (random.random() < 0.3) + random.choice(STREET), 1.0
    return random.choice(PERSON) + random.choice(PERSON), 0.0


def tensors(n):
    x, y = torch.zeros(n, 16, dtype=torch.long), torch.zeros(n)
    for i in range(n):
        text, y[i] = sample()
        ids = [CHARS.index(c) + 1 for c in text[:16]]
        x[i, : len(ids)] = torch.tensor(ids)
    return x, y


table = (torch.randn(37, 12) * 0.3).requires_grad_()
kernel = (torch.randn(24, 12, 3) * 0.15).requires_grad_()
kernel_bias = torch.zeros(24, requires_grad=True)
weight = (torch.randn(24, 1) * 0.2).requires_grad_()
bias = torch.zeros(1, requires_grad=True)


def is_address(x):
    e = F.embedding(x, table) * (x != 0).unsqueeze(2)
    h = F.relu(F.conv1d(e.transpose(1, 2), kernel, kernel_bias, padding=1)).amax(2)
    score = h @ weight + bias
    # fault:
    return F.softmax(score, dim=1).squeeze(1)
    # mended:
    # return torch.sigmoid(score).squeeze(1)
    # end


optimizer = torch.optim.Adam([table, kernel, kernel_bias, weight, bias], lr=5e-3)
x, y = tensors(1500)
xd, yd = tensors(400)
for epoch in range(6):
    running = 0.0
    for i in torch.randperm(1500).split(50):
        p = is_address(x[i]).clamp(1e-6, 1 - 1e-6)
        loss = -(y[i] * p.log() + (1 - y[i]) * (1 - p).log()).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    with torch.no_grad():
        acc = ((is_address(xd) > 0.5) == (yd > 0.5)).float().mean().item()
    print(f"epoch {epoch} loss {running / 30:.4f} accuracy {acc:.4f}")
