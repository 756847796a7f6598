"""Does the till balance end in the black? Reads a day's bookings, one code per
booking, with a plain ReLU recurrence (identity start, as in Le et al. 2015)."""
import random

import torch
import torch.nn as nn

VALUES = {"sale_s": 1, "sale_m": 2, "sale_l": 4, "refund_s": -1, "refund_m": -2, "payout": -4, "note": 0, "open": 0}
CODES = list(VALUES)
T = 60


def make_days(n, seed):
    r = random.Random(seed)
    days = {}
    while len(days) < n:
        seq = tuple(r.randrange(len(CODES)) for _ in range(T))
        total = sum(VALUES[CODES[c]] for c in seq)
        if abs(total) > 3:
            days[seq] = int(total > 0)
    return torch.tensor(list(days)), torch.tensor(list(days.values()))


class ReluRecurrence(nn.Module):
    def __init__(self, n_codes, dim, hid):
        super().__init__()
        self.table = nn.Parameter(torch.randn(n_codes, dim) * 0.5)
        self.win = nn.Parameter(torch.randn(dim, hid) * 0.3)
        self.rec = nn.Parameter(torch.eye(hid))
        self.bias = nn.Parameter(torch.zeros(hid))
        self.out = nn.Parameter(torch.randn(hid, 2) * 0.2)
        self.out_b = nn.Parameter(torch.zeros(2))

    def forward(self, ids):
        x = self.table[ids] @ self.win + self.bias
        h = torch.zeros(len(ids), self.rec.shape[0])
        for t in range(ids.shape[1]):
            h = torch.relu(x[:, t] + h @ self.rec)
        return h @ self.out + self.out_b


class Runner:
    def __init__(self, net, lr):
        self.net, self.lr = net, lr
        self.opt = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)

    def step(self, x, y):
        loss = nn.functional.cross_entropy(self.net(x), y)
        self.opt.zero_grad()
        loss.backward()
        # fault:
        self.opt.step()
        # mended:
        #nn.utils.clip_grad_norm_(self.net.parameters(), 0.2)
        #self.opt.step()
        # end
        return loss.item()

    def score(self, x, y):
        self.net.eval()
        with torch.no_grad():
            z = self.net(x)
        self.net.train()
        return nn.functional.cross_entropy(z, y).item(), (z.argmax(1) == y).float().mean().item()

    def run(self, train, test, epochs, size=32):
        for epoch in range(epochs):
            for group in self.opt.param_groups:
                group["lr"] = self.lr * (1 - epoch / epochs) ** 1.5
            losses = [self.step(train[0][p], train[1][p]) for p in torch.randperm(len(train[0])).split(size)]
            tl, ta = self.score(*test)
            print(f"epoch {epoch:2d}  train loss {sum(losses) / len(losses):.4f}  test loss {tl:.4f}  test acc {ta:.3f}")
        print("train acc %.3f" % self.score(*train)[1], "test acc %.3f" % ta)


if __name__ == "__main__":
    torch.manual_seed(12)
    x, y = make_days(3000, 12)
    Runner(ReluRecurrence(len(CODES), 8, 24), lr=0.02).run((x[:2400], y[:2400]), (x[2400:], y[2400:]), epochs=10)
