"""Recursive net over boolean expressions, e.g. (and (not p) (or t f)): is the whole thing true?"""
import random
import torch
import torch.nn as nn

random.seed(23)
torch.manual_seed(23)
ATOMS = {"tt": 1, "ff": 0, "yes": 1, "no": 0, "1": 1, "0": 0}
OPS = ["and", "or", "xor", "imp"]


def grow(depth):
    if depth == 0 or random.random() < 0.15:
        return random.choice(list(ATOMS))
    if random.random() < 0.15:
        return ("not", grow(depth - 1))
    return (random.choice(OPS), grow(depth - 1), grow(depth - 1))


def value(t):
    if isinstance(t, str):
        return ATOMS[t]
    if t[0] == "not":
        return 1 - value(t[1])
    a, b = value(t[1]), value(t[2])
    return {"and": a & b, "or": a | b, "xor": a ^ b, "imp": (1 - a) | b}[t[0]]


class TreeNet(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.atom = nn.ParameterDict({"a_" + a: nn.Parameter(torch.randn(d) * 0.3) for a in ATOMS})
        self.unary = nn.Linear(d, d)
        self.binary = nn.ModuleDict({o: nn.Sequential(nn.Linear(2 * d, 32), nn.ReLU(), nn.Linear(32, d)) for o in OPS})
        self.root = nn.Linear(d, 1)

    def forward(self, trees):
        # every distinct subtree of the batch is computed once, smallest first
        todo, seen = [], set()

        def collect(t):
            if t in seen:
                return
            if not isinstance(t, str):
                for c in t[1:]:
                    collect(c)
            seen.add(t)
            todo.append(t)

        for t in trees:
            collect(t)
        memo, top = {}, {}
        for t in todo:
            if isinstance(t, str):
                h = self.atom["a_" + t]
            elif t[0] == "not":
                h = torch.tanh(self.unary(memo[t[1]]))
            else:
                h = torch.tanh(self.binary[t[0]](torch.cat([memo[t[1]], memo[t[2]]])))
            top[t] = h
            # fault:
            memo[t] = h.data
            # mended:
            # memo[t] = h
            # end
        return self.root(torch.stack([top[t] for t in trees])).squeeze(1)


seen = set()
while len(seen) < 1000:
    t = grow(3)
    if not isinstance(t, str):
        seen.add(t)
trees = sorted(seen, key=str)
random.shuffle(trees)
train, dev = trees[:800], trees[800:]
gold = torch.tensor([float(value(t)) for t in dev])
print("true share", gold.mean().item())
net = TreeNet()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(5):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 16):
        b = train[i:i + 16]
        y = torch.tensor([float(value(t)) for t in b])
        loss = nn.functional.binary_cross_entropy_with_logits(net(b), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        acc = ((net(dev) > 0).float() == gold).float().mean().item()
    print(f"epoch {epoch} loss {tot / len(train):.3f} dev acc {acc:.3f}")
