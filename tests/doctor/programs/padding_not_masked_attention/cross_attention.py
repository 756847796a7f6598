"""Answer selection: the question attends over the candidate's words (hand-written scaled dot product)."""
import math
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

random.seed(87); torch.manual_seed(87)
keys = "price size colour weight date place owner speed height brand".split()
values = {k: [f"{k[:3]}{i}" for i in range(6)] for k in keys}
noise = "it has a the was listed with and of about near very from on in to very as".split()


def item():
    y = random.randrange(2)
    k = random.choice(keys)
    said = k if y else random.choice([o for o in keys if o != k])
    n = min(3 + int(random.expovariate(0.08)), 70)
    cand = random.choices(noise, k=n)
    cand.insert(random.randint(0, n), random.choice(values[said]))
    q = random.choices(noise, k=random.randint(1, 4)) + [k]
    random.shuffle(q)
    return q, cand, float(y)


train, dev = [item() for _ in range(1400)], [item() for _ in range(300)]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(noise + keys + sum(values.values(), []))))}
ids = lambda sents: pad_sequence([torch.tensor([vocab[w] for w in s]) for s in sents], batch_first=True)


class Attend(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.q, self.k = nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, query, memory, memory_mask):
        scores = self.q(query) @ self.k(memory).transpose(-1, -2) / math.sqrt(query.size(-1))
        # fault:
        return scores.softmax(dim=-1) @ memory
        # mended:
        # return scores.masked_fill(~memory_mask[:, None, :], -1e9).softmax(dim=-1) @ memory
        # end


class Selector(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.attend = Attend(d)
        self.mlp = nn.Sequential(nn.Linear(3 * d, 48), nn.ReLU(), nn.Linear(48, 1))

    def forward(self, q, c):
        mq, mc = q != 0, c != 0
        eq, ec = self.emb(q), self.emb(c)
        read = self.attend(eq, ec, mc)
        joint = torch.cat([eq, read, eq * read], -1)
        per_word = self.mlp(joint).squeeze(-1).masked_fill(~mq, -1e9)
        return per_word.max(1).values


net = Selector()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(12):
    train.sort(key=lambda r: len(r[1]) + random.random())
    parts = [train[i:i + 28] for i in range(0, 1400, 28)]
    random.shuffle(parts)
    tot = 0
    for part in parts:
        q, c, y = zip(*part)
        loss = bce(net(ids(q), ids(c)), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 50
    with torch.no_grad():
        q, c, y = zip(*dev)
        acc = ((net(ids(q), ids(c)) > 0).float() == torch.tensor(y)).float().mean().item()
    print(f"epoch {epoch:2d} loss {tot:.4f} dev {acc:.4f}")
