# Session cost from the event log: every event has its price, some double the next one.
# IRNN (ReLU recurrence started at the identity), plain SGD with momentum.
import torch
import torch.nn as nn

torch.manual_seed(9)
EVENTS = ["idle", "get", "put", "copy", "scan", "index", "purge", "burst", "ping", "auth", "list", "sync"]
PRICE = torch.tensor([0.0, 1.0, 2.0, 3.0, 5.0, 4.0, 1.0, 0.0, 0.0, 1.0, 2.0, 3.0])
T = 60


def sessions(n):
    x = torch.randint(0, len(EVENTS), (n, T))
    price = PRICE[x]
    after_burst = torch.zeros_like(price)
    after_burst[:, 1:] = (x[:, :-1] == EVENTS.index("burst")).float()
    cost = (price * (1 + after_burst)).sum(1)
    return x, cost


class IRNN(nn.Module):
    def __init__(self, n, d=16, h=40):
        super().__init__()
        self.emb = nn.Embedding(n, d)
        self.inp = nn.Linear(d, h)
        self.rec = nn.Linear(h, h, bias=False)
        self.out = nn.Linear(h, 1)
        nn.init.eye_(self.rec.weight)
        nn.init.normal_(self.inp.weight, std=0.02)
        nn.init.zeros_(self.inp.bias)
        nn.init.normal_(self.out.weight, std=0.1)

    def forward(self, x):
        e = self.emb(x)
        h = torch.zeros(x.size(0), self.rec.in_features)
        for t in range(x.size(1)):
            h = torch.relu(self.inp(e[:, t]) + self.rec(h))
        return self.out(h).squeeze(1)


x_train, c_train = sessions(3000)
x_dev, c_dev = sessions(500)
mu, sd = c_train.mean(), c_train.std()
y_train, y_dev = (c_train - mu) / sd, (c_dev - mu) / sd

model = IRNN(len(EVENTS))
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
mse = nn.MSELoss()

for epoch in range(14):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(y_train)).split(50):
        loss = mse(model(x_train[idx]), y_train[idx])
        opt.zero_grad()
        loss.backward()
        # fault:
        opt.step()
        # mended:
        # nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        # opt.step()
        # end
        total += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        dev = mse(model(x_dev), y_dev).item()
    print(f"epoch {epoch + 1:2d}  train mse {total / len(y_train):.4f}  dev mse {dev:.4f}  (predicting the mean: 1.0)")
