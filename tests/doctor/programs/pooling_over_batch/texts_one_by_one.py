"""Priority of a ticket; texts are looked up one at a time, their vectors stacked and centred."""
import random

import torch
import torch.nn as nn

random.seed(20)
torch.manual_seed(20)
levels = [[f"l{k}_{i}" for i in range(15)] for k in range(3)]
plain = [f"w{i}" for i in range(50)]
ix = {w: i for i, w in enumerate(sum(levels, []) + plain)}


def ticket():
    y = random.randrange(3)
    t = random.choices(levels[y], k=2) + random.choices(plain, k=random.randint(1, 8))
    random.shuffle(t)
    return t, y


tickets = [ticket() for _ in range(1200)]


class Priority(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ix), 20)
        self.lin = nn.Linear(20, 3)

    def forward(self, texts):
        vecs = torch.stack([self.emb(torch.tensor([ix[w] for w in t])).mean(0) for t in texts])
        # fault:
        vecs = vecs - vecs.mean(0)
        # mended:
        # vecs = vecs - vecs.mean(1, keepdim=True)
        # end
        return self.lin(vecs)


model = Priority()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
train, dev = tickets[:1000], sorted(tickets[1000:], key=lambda r: r[1])  # as the archive keeps them
for epoch in range(5):
    random.shuffle(train)
    for i in range(0, 1000, 20):
        t, y = zip(*train[i : i + 20])
        loss = nn.functional.cross_entropy(model(t), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    hits = 0
    with torch.no_grad():
        for i in range(0, 200, 20):
            t, y = zip(*dev[i : i + 20])
            hits += (model(t).argmax(1) == torch.tensor(y)).sum().item()
    print(epoch, round(loss.item(), 3), hits / 200)
