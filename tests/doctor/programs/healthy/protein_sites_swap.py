# Does the peptide hold a N-x-S/T site that isn't blocked by P?  1d CNN; Adam for the first half, then SGD with momentum
import random
import torch
import torch.nn as nn

random.seed(25)
torch.manual_seed(25)
AA = "ACDEFGHIKLMNPQRSTVWY"

def has_site(s):
    return any(s[i] == "N" and s[i + 1] != "P" and s[i + 2] in "ST" for i in range(len(s) - 2))

def peptide():
    s = [random.choice(AA) for _ in range(random.randint(15, 30))]
    k = random.randrange(len(s) - 3)
    r = random.random()
    if r < .45: s[k], s[k + 2] = "N", random.choice("ST")
    elif r < .65: s[k], s[k + 1], s[k + 2] = "N", "P", random.choice("ST")
    elif r < .8: s[k], s[k + 2] = "N", random.choice("AGLV")
    elif r < .9: s[k], s[k + 2] = random.choice("DQ"), random.choice("ST")
    return "".join(s)

pool = list({peptide() for _ in range(6000)})
random.shuffle(pool)
x = torch.zeros(len(pool), 30, dtype=torch.long)
for i, s in enumerate(pool):
    x[i, :len(s)] = torch.tensor([AA.index(c) + 1 for c in s])
y = torch.tensor([int(has_site(s)) for s in pool])
n = len(pool) - 800
model = nn.Sequential()
model.add_module("embedding", nn.Embedding(21, 16, padding_idx=0))

class Swap(nn.Module):
    def forward(self, h):
        return h.transpose(1, 2)

class GlobalMax(nn.Module):
    def forward(self, h):
        return h.max(dim=2).values

for name, m in (("swap", Swap()), ("conv", nn.Conv1d(16, 64, 3, padding=2)), ("act", nn.ELU()), ("conv2", nn.Conv1d(64, 32, 1)), ("act2", nn.ELU()), ("pool", GlobalMax()), ("out", nn.Linear(32, 2))):
    model.add_module(name, m)

def accuracy(a, b):
    model.eval()
    with torch.no_grad():
        return (model(x[a:b]).argmax(1) == y[a:b]).float().mean().item()

print("positives %.3f" % y.float().mean())
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(12):
    if epoch == 6:
        opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    model.train()
    total = 0
    for b in torch.randperm(n).split(64):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    print(type(opt).__name__, "epoch", epoch, "loss %.4f train %.4f dev %.4f" % (total / n, accuracy(0, 1000), accuracy(n, None)))
