"""Pointer network: point at the cheapest offer of the wanted product in a list of any length."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(12)
torch.manual_seed(12)
PRODUCTS = ["tea", "rice", "soap", "salt", "oil"]


def example():
    want = random.randrange(len(PRODUCTS))
    n = random.randint(3, 9)
    items = [random.randrange(len(PRODUCTS)) for _ in range(n)]
    for p in random.sample(range(n), 2):
        items[p] = want
    prices = [random.uniform(0.5, 9.5) for _ in range(n)]
    best = min((i for i in range(n) if items[i] == want), key=lambda i: prices[i])
    return want, items, prices, best


def batch_of(rows):
    width = max(len(r[1]) for r in rows)
    want = torch.tensor([r[0] for r in rows])
    items = torch.tensor([r[1] + [0] * (width - len(r[1])) for r in rows])
    price = torch.tensor([r[2] + [0.0] * (width - len(r[2])) for r in rows])
    valid = torch.tensor([[1] * len(r[1]) + [0] * (width - len(r[1])) for r in rows]).bool()
    return want, items, (price - 5) / 2.6, valid, torch.tensor([r[3] for r in rows])


class PointerNet(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.product = nn.Embedding(len(PRODUCTS), 12)
        self.query = nn.Linear(12, d)
        self.key = nn.Sequential(nn.Linear(13, d), nn.Tanh(), nn.Linear(d, d))
        self.v = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, 1))

    def forward(self, want, items, price, valid):
        keys = self.key(torch.cat([self.product(items), price.unsqueeze(-1)], -1))
        q = self.query(self.product(want)).unsqueeze(1)
        scores = self.v(torch.tanh(keys + q) * q + keys).squeeze(-1)
        return scores.masked_fill(~valid, float("-inf"))


train = [example() for _ in range(5000)]
test = [example() for _ in range(600)]
net = PointerNet()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
*inputs_t, answer_t = batch_of(test)
for epoch in range(5):
    net.train()
    random.shuffle(train)
    losses = []
    for k in range(0, len(train), 50):
        *inputs, answer = batch_of(train[k:k + 50])
        loss = F.cross_entropy(net(*inputs), answer)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        right = (net(*inputs_t).argmax(1) == answer_t).float().mean().item()
    print(f"epoch {epoch}: pointer loss {sum(losses) / len(losses):.3f}, right on new lists {right:.3f}")
