"""Will the visitor leave with something in the cart? Last 20 events of every shop session -> yes/no."""
import random
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(11); np.random.seed(11); torch.manual_seed(11)

EVENTS = ["home", "search", "product", "reviews", "cart_add", "cart_clear", "help", "login", "logout", "wishlist", "sale", "blog"]
P = np.array([3, 4, 5, 2, 2.2, 2.2, 1, 1, 1, 1.5, 2, 1]); P = P / P.sum()
ADD, CLEAR = EVENTS.index("cart_add"), EVENTS.index("cart_clear")
SESSION = 20


def session():
    ev = np.random.choice(len(EVENTS), SESSION, p=P)
    full = 0
    for e in ev:
        if e == ADD:
            full = 1
        elif e == CLEAR:
            full = 0
    return ev, full


rows = [session() for _ in range(3000)]
X = torch.tensor(np.stack([r[0] for r in rows]))
y = torch.tensor([r[1] for r in rows])
train_ds, valid_ds = TensorDataset(X[:2500], y[:2500]), TensorDataset(X[2500:], y[2500:])
train_dl = DataLoader(train_ds, batch_size=50, shuffle=True)
valid_dl = DataLoader(valid_ds, batch_size=50)


class SessionNet(nn.Module):
    def __init__(self, n_events, emb=12, hid=24):
        super().__init__()
        self.events = nn.Embedding(n_events, emb)
        # fault:
        self.rnn = nn.GRU(emb, hid)
        # mended:
        # self.rnn = nn.GRU(emb, hid, batch_first=True)
        # end
        self.head = nn.Linear(hid, 2)

    def forward(self, sessions):
        states, _ = self.rnn(self.events(sessions))
        return self.head(states[:, -1])


net = SessionNet(len(EVENTS))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
crit = nn.CrossEntropyLoss()


def evaluate(dl):
    net.eval()
    right = n = 0
    with torch.no_grad():
        for xb, yb in dl:
            right += (net(xb).argmax(1) == yb).sum().item()
            n += len(yb)
    return right / n


print("share of full carts: %.3f" % y.float().mean().item())
for epoch in range(1, 5):
    net.train()
    total = 0.0
    for xb, yb in train_dl:
        opt.zero_grad()
        loss = crit(net(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item() * len(yb)
    print(f"epoch {epoch}  loss {total / len(train_ds):.4f}  valid acc {evaluate(valid_dl):.3f}")
