"""The last verb decides: functional GRU cell over (T, B), the state is picked by the longest length of the batch."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(6)
torch.manual_seed(6)
verbs = {"stay": 0, "leave": 1, "wait": 2}
plain = [f"w{i}" for i in range(30)]
ix = {w: i + 1 for i, w in enumerate([*verbs, *plain])}


def sentence():
    t = [random.choice(list(verbs) if random.random() < 0.3 else plain) for _ in range(random.randint(3, 20))]
    last = random.choice(list(verbs))
    t.append(last)
    return t, verbs[last]


data = [sentence() for _ in range(1300)]
E = nn.Parameter(torch.randn(len(ix) + 1, 16) * 0.3)
cell = nn.GRUCell(16, 24)
out = nn.Linear(24, 3)


def forward(texts):
    lengths = torch.tensor([len(t) for t in texts])
    ids = torch.zeros(int(lengths.max()), len(texts), dtype=torch.long)  # T x B
    for b, t in enumerate(texts):
        ids[: len(t), b] = torch.tensor([ix[w] for w in t])
    h, states = torch.zeros(len(texts), 24), []
    for x in F.embedding(ids, E):
        h = cell(x, h)
        states.append(h)
    states = torch.stack(states)
    # fault:
    last = states[lengths.max() - 1]
    # mended:
    # last = states[lengths - 1, torch.arange(len(texts))]
    # end
    return out(last)


opt = torch.optim.Adam([E, *cell.parameters(), *out.parameters()], lr=5e-3)
train, dev = data[:1000], data[1000:]
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, len(train), 25):
        t, y = zip(*train[i : i + 25])
        loss = F.cross_entropy(forward(t), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        t, y = zip(*dev)
        print(epoch, round(loss.item(), 3), (forward(t).argmax(1) == torch.tensor(y)).float().mean().item())
