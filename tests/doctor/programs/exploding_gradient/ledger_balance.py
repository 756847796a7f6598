# Read a ledger line by line and give the closing balance (IRNN: identity recurrence, ReLU).
import random
import torch
import torch.nn as nn

random.seed(37)
torch.manual_seed(37)
ENTRIES = ["rent", "salary", "coffee", "books", "gift", "tax", "bonus", "fuel", "note", "memo"]
VALUE = [-3.0, 4.0, -0.5, -1.0, 1.5, -2.0, 2.5, -1.5, 0.0, 0.0]
T = 40


def ledger(n):
    x = torch.tensor([[random.randrange(len(ENTRIES)) for _ in range(T)] for _ in range(n)])
    return x, torch.tensor(VALUE)[x].sum(1) / 10


train_x, train_y = ledger(2400)
dev_x, dev_y = ledger(500)


class IRNN(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(len(ENTRIES), 16)
        self.rnn = nn.RNN(16, hidden, nonlinearity="relu", batch_first=True)
        nn.init.eye_(self.rnn.weight_hh_l0)
        nn.init.normal_(self.rnn.weight_ih_l0, std=0.02)
        nn.init.zeros_(self.rnn.bias_ih_l0)
        nn.init.zeros_(self.rnn.bias_hh_l0)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        _, h = self.rnn(self.emb(x))
        return self.out(h[-1]).squeeze(-1)


model = IRNN()
opt = torch.optim.SGD(model.parameters(), lr=0.02)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 10)
for epoch in range(10):
    total = 0.0
    for b in torch.randperm(len(train_x)).split(24):
        loss = nn.functional.mse_loss(model(train_x[b]), train_y[b])
        opt.zero_grad()
        loss.backward()
        # fault:
        norm = sum(p.grad.norm() ** 2 for p in model.parameters()) ** 0.5
        # mended:
        # norm = nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        # end
        opt.step()
        total += loss.item() * len(b)
    sched.step()
    with torch.no_grad():
        err = nn.functional.mse_loss(model(dev_x), dev_y).item()
    print(f"epoch {epoch + 1:2d} train mse {total / len(train_x):.4f} last grad norm {norm:.2f} dev mse {err:.4f} (variance {dev_y.var():.4f})")
