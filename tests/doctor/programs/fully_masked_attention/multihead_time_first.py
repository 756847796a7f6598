"""Topic of a voice message: attention of a learned query over words, time first; noise removed every word of some."""
import random

import torch
from torch import nn

random.seed(61)
torch.manual_seed(61)
topics = [[f"t{k}_{i}" for i in range(12)] for k in range(3)]
plain = [f"w{i}" for i in range(40)]
stoi = {w: i + 1 for i, w in enumerate(sum(topics, []) + plain)}


def message():
    y = random.randrange(3)
    t = random.sample(topics[y], 2) + random.choices(plain, k=random.randint(2, 6))
    random.shuffle(t)
    return [stoi[w] for w in t] if random.random() > 0.015 else [], y


data = [message() for _ in range(1200)]
emb, query = nn.Embedding(len(stoi) + 1, 16, padding_idx=0), nn.Parameter(torch.randn(1, 1, 16) * 0.3)
mha, out = nn.MultiheadAttention(16, 2), nn.Linear(16, 3)


def forward(rows):
    longest = max(len(r) for r in rows)
    x = torch.tensor([r + [0] * (longest - len(r)) for r in rows]).t()
    hidden = (x == 0).t()
    # fault:
    # mended:
    # hidden = hidden & ~hidden.all(dim=1, keepdim=True)
    # end
    e = emb(x)
    h, _ = mha(query.expand(1, x.shape[1], 16), e, e, key_padding_mask=hidden)
    return out(h[0])


opt = torch.optim.Adam([query, *emb.parameters(), *mha.parameters(), *out.parameters()], lr=3e-3)
train, dev = data[:1000], data[1000:]
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, 1000, 25):
        rows, y = zip(*train[i : i + 25])
        loss = nn.functional.cross_entropy(forward(rows), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        rows, y = zip(*dev)
        print(epoch, round(loss.item(), 3), (forward(rows).argmax(1) == torch.tensor(y)).float().mean().item())
