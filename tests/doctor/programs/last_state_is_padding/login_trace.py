"""Session traces of a shop: does the visitor end up buying?  Events come as letters, oldest first; sessions differ in length."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

random.seed(8)
torch.manual_seed(8)
EVENTS = "abcdefghijklmnop"
WINDOW = 90


def session():
    n = min(WINDOW, 4 + int(random.expovariate(1 / 10.0)))
    s = [random.choice(EVENTS) for _ in range(n)]
    state = 0
    for e in s:                       # a: cart, b: empty the cart, c: coupon; bought when the cart is full at the end
        if e in "ac":
            state = 1
        elif e in "bd":
            state = 0
    return "".join(s), state


train = [session() for _ in range(3000)]
dev = [session() for _ in range(600)]
ix = {e: i + 1 for i, e in enumerate(EVENTS)}


class Trace(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(ix) + 1, 12, padding_idx=0)
        self.rnn = nn.RNN(12, 24)
        self.o = nn.Linear(24, 1)

    def forward(self, x, n):                     # x: (T, B)
        h, _ = self.rnn(self.e(x))
        # fault:
        last = h[-1]
        # mended:
        # last = h[n - 1, torch.arange(x.size(1))]
        # end
        return self.o(last).squeeze(-1)


def batch(rows):
    xs = [torch.tensor([ix[c] for c in s]) for s, _ in rows]
    x = pad_sequence(xs)
    x = nn.functional.pad(x, (0, 0, 0, WINDOW - len(x)))
    return x, torch.tensor([len(x) for x in xs]), torch.tensor([float(y) for _, y in rows])


def accuracy(model, rows):
    model.eval()
    good = 0
    with torch.no_grad():
        for i in range(0, len(rows), 100):
            x, n, y = batch(rows[i:i + 100])
            good += ((model(x, n) > 0).float() == y).sum().item()
    model.train()
    return good / len(rows)


model = Trace()
optim = torch.optim.RMSprop(model.parameters(), lr=2e-3)
lossf = nn.BCEWithLogitsLoss()
for epoch in range(1, 7):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 50):
        x, n, y = batch(train[i:i + 50])
        optim.zero_grad()
        loss = lossf(model(x, n), y)
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 1.0)
        optim.step()
        total += loss.item() * len(y)
    print(epoch, f"loss {total / len(train):.4f}", f"dev {accuracy(model, dev):.3f}")
