"""Attention over words that are in a short list; lines with none of them have every score masked."""
import random

import torch
import torch.nn.functional as F

random.seed(14)
torch.manual_seed(14)
key = {f"k{i}": i % 3 for i in range(24)}
plain = [f"w{i}" for i in range(40)]
stoi = {w: i + 1 for i, w in enumerate([*key, *plain])}
KEYS = torch.tensor([stoi[w] for w in key])


def line():
    y = random.randrange(3)
    t = random.choices(plain, k=random.randint(4, 9))
    if random.random() > 0.02:
        t += random.choices([w for w in key if key[w] == y], k=2)
    random.shuffle(t)
    return [stoi[w] for w in t], y


data = [line() for _ in range(1200)]
E = torch.nn.Embedding(len(stoi) + 1, 16, padding_idx=0)
a, o = torch.nn.Linear(16, 1), torch.nn.Linear(16, 3)


def forward(rows):
    x = torch.nn.utils.rnn.pad_sequence([torch.tensor(r) for r in rows])  # T x B
    e = E(x)
    s = a(e).squeeze(-1)
    wanted = torch.isin(x, KEYS)
    # fault:
    w = s.masked_fill(~wanted, float("-inf")).softmax(0)
    # mended:
    # w = s.masked_fill(~wanted, -1e9).softmax(0)
    # end
    return o(torch.einsum("tb,tbd->bd", w, e))


opt = torch.optim.Adam([*E.parameters(), *a.parameters(), *o.parameters()], lr=5e-3)
train, dev = data[:1000], data[1000:]
for epoch in range(5):
    random.shuffle(train)
    for i in range(0, 1000, 25):
        x, y = zip(*train[i : i + 25])
        loss = F.cross_entropy(forward(x), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = zip(*dev)
        print(epoch, round(loss.item(), 3), (forward(x).argmax(1) == torch.tensor(y)).float().mean().item())
