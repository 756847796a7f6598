"""Topic of a question; nn.MultiheadAttention between words, functional code around it, batches of 16 rows of 12 words."""
import random

import torch
from torch import nn

random.seed(16)
torch.manual_seed(16)
topics = [[f"t{k}_{i}" for i in range(12)] for k in range(4)]
plain = [f"w{i}" for i in range(50)]
stoi = {w: i for i, w in enumerate([w for t in topics for w in t] + plain)}


def question():
    y = random.randrange(4)
    t = random.sample(topics[y], 2) + [random.choice(random.choice(topics))] + random.choices(plain, k=9)
    random.shuffle(t)
    return [stoi[w] for w in t], y


data = [question() for _ in range(1200)]
X, Y = torch.tensor([r for r, _ in data]), torch.tensor([y for _, y in data])
emb = nn.Embedding(len(stoi), 24)
# fault:
mha = nn.MultiheadAttention(24, 2)
# mended:
# mha = nn.MultiheadAttention(24, 2, batch_first=True)
# end
out = nn.Linear(24, 4)


def classify(x):
    e = emb(x)
    h, _ = mha(e, e, e, need_weights=False)
    return out((e + h).mean(dim=1))


opt = torch.optim.Adam([p for m in (emb, mha, out) for p in m.parameters()], lr=3e-3)
for epoch in range(5):
    for i in torch.randperm(1008).split(16):
        loss = nn.functional.cross_entropy(classify(X[i]), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = torch.cat([classify(X[i : i + 16]).argmax(1) == Y[i : i + 16] for i in range(1008, 1200, 16)]).float().mean()
    print(epoch, round(loss.item(), 3), acc.item())
