# Reading sums: "seven plus two minus four" -> 5. Regression, easy (short) expressions first.
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

random.seed(14)
torch.manual_seed(14)
DIGITS = "zero one two three four five six seven eight nine".split()
WORDS = {w: i for i, w in enumerate(["<pad>"] + DIGITS + ["plus", "minus"])}


def expression(n):
    value = random.randint(0, 9)
    words = [DIGITS[value]]
    for _ in range(n - 1):
        d, op = random.randint(0, 9), random.choice(["plus", "minus"])
        words += [op, DIGITS[d]]
        value += d if op == "plus" else -d
    return " ".join(words), value, n


pool = {}
while len(pool) < 4600:
    e = expression(random.choice([2, 3, 3, 4, 4, 5, 5, 6, 6]))
    pool[e[0]] = e
rows = list(pool.values())
random.shuffle(rows)
train, dev, test = rows[:3600], rows[3600:4100], rows[4100:]
SCALE = 10.0


def batch(part):
    x = pad_sequence([torch.tensor([WORDS[w] for w in r[0].split()]) for r in part])          # (T, B)
    return x, torch.tensor([r[1] / SCALE for r in part])


class Reader(nn.Module):
    def __init__(self, dim=24, hidden=48):
        super().__init__()
        self.emb = nn.Embedding(len(WORDS), dim, padding_idx=0)
        self.rnn = nn.GRU(dim, hidden)
        self.value = nn.Linear(hidden, 1)

    def forward(self, x):
        states, _ = self.rnn(self.emb(x))
        last = (x > 0).sum(0) - 1
        return self.value(states[last, torch.arange(x.size(1))]).squeeze(1)


model = Reader()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
loss_fn = nn.SmoothL1Loss(beta=0.1)
# (longest expression, epochs, learning rate); every stage keeps the shorter ones
STAGES = [(3, 5, 4e-3), (4, 5, 4e-3), (6, 8, 4e-3), (6, 4, 1e-3)]


def r2(part):
    x, y = batch(part)
    model.eval()
    with torch.no_grad():
        p = model(x)
    model.train()
    return (1 - ((p - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()).item(), ((p - y).abs().mean() * SCALE).item()


for longest, epochs, lr in STAGES:
    for group in opt.param_groups:
        group["lr"] = lr
    stage = [r for r in train if r[2] <= longest]
    for _ in range(epochs):
        random.shuffle(stage)
        total = 0.0
        for k in range(0, len(stage), 40):
            x, y = batch(stage[k:k + 40])
            loss = loss_fn(model(x), y)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            total += loss.item() * len(y)
    reach = [r for r in dev if r[2] <= longest]
    print(f"up to {longest} terms, {len(stage)} rows: loss {total / len(stage):.5f}  R2 train {r2(stage[:500])[0]:.3f}  "
          f"dev of the stage {r2(reach)[0]:.3f}  dev all {r2(dev)[0]:.3f}")
print("test R2 %.3f, mean absolute error %.2f" % r2(test))
for n in (2, 3, 4, 5, 6):
    print(n, "terms: mean absolute error %.2f" % r2([r for r in test if r[2] == n])[1])
