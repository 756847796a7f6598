# Exercise 7: teach a network to read numbers.
#   "four hundred and twelve" -> 4 1 2
# All numbers below 1000 can be enumerated, so we keep 15 % of them for the test and nobody can cheat.
# Task a) encode the words   b) a step function for the recurrent cell   c) three outputs   d) measure it
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)

ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
tens = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    if n < 20:
        return [ones[n]]
    if n < 100:
        return [tens[n // 10]] + ([ones[n % 10]] if n % 10 else [])
    return [ones[n // 100], "hundred"] + (["and"] + spell(n % 100) if n % 100 else [])


words = ["<s>"] + ones + tens[2:] + ["hundred", "and"]
index = {w: i for i, w in enumerate(words)}
LONGEST = max(len(spell(n)) for n in range(1000))


# a) we pad on the LEFT with <s>, so the last position is always the last word
def encode(n):
    s = [index[w] for w in spell(n)]
    return [0] * (LONGEST - len(s)) + s


X = torch.tensor([encode(n) for n in range(1000)]).t().contiguous()          # (time, batch)
Y = torch.tensor([[n // 100, n // 10 % 10, n % 10] for n in range(1000)])
order = torch.randperm(1000)
test, train = order[:150], order[150:]


# b)
class Cell(nn.Module):
    def __init__(self, n_in, n_hid):
        super().__init__()
        self.gates = nn.Linear(n_in + n_hid, 2 * n_hid)
        self.cand = nn.Linear(n_in + n_hid, n_hid)

    def forward(self, x, h, live):
        z, r = torch.sigmoid(self.gates(torch.cat([x, h], 1))).chunk(2, 1)
        c = torch.tanh(self.cand(torch.cat([x, r * h], 1)))
        return torch.where(live, (1 - z) * h + z * c, h)                     # <s> leaves the state alone


class Reader(nn.Module):
    def __init__(self, hid=48):
        super().__init__()
        self.hid = hid
        self.emb = nn.Embedding(len(words), 24)
        self.cell = Cell(24, hid)
        self.digit = nn.ModuleList([nn.Linear(hid, 10) for _ in range(3)])   # c) hundreds, tens, ones

    def forward(self, x):
        h = x.new_zeros(x.shape[1], self.hid, dtype=torch.float)
        for t in range(x.shape[0]):
            h = self.cell(self.emb(x[t]), h, (x[t] != 0)[:, None])
        return [d(h) for d in self.digit]


reader = Reader()
opt = torch.optim.Adam(reader.parameters(), lr=0.01)


# d)
@torch.no_grad()
def measure(ix):
    guess = torch.stack([o.argmax(1) for o in reader(X[:, ix])], 1)
    return (guess == Y[ix]).float().mean(0).tolist() + [(guess == Y[ix]).all(1).float().mean().item()]


for epoch in range(1, 19):
    if epoch == 13:
        for group in opt.param_groups:
            group["lr"] = 0.002
    total = 0.0
    for ix in train[torch.randperm(len(train))].split(50):
        loss = sum(F.cross_entropy(o, Y[ix, k]) for k, o in enumerate(reader(X[:, ix])))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 3 == 0:
        print(f"epoch {epoch:2d}: loss {total / 17:.4f}  test digits %.2f %.2f %.2f  whole number %.3f" % tuple(measure(test)))
print("whole numbers read right: train %.3f, test %.3f" % (measure(train)[-1], measure(test)[-1]))
for n in test[:4].tolist():
    print(" ".join(spell(n)), "->", "".join(str(o.argmax(1).item()) for o in reader(X[:, [n]])))
