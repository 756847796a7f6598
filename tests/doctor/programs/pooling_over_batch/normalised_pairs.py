"""Similarity of two phrases (regression on a cosine), sentence vectors brought to unit length."""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(74); torch.manual_seed(74)
groups = [g.split() for g in ("boat ship ferry canoe raft", "bread cake bun roll toast", "rain snow hail fog mist", "king queen prince duke earl", "shirt coat scarf glove sock")]
fill = "a the old two some one big of my this".split()


def phrase(g):
    return random.choices(fill, k=random.randint(3, 7)) + random.choices(groups[g], k=2)


def pair():
    a, same = random.randrange(5), random.random() < 0.5
    b = a if same else random.choice([g for g in range(5) if g != a])
    return phrase(a), phrase(b), 1.0 if same else 0.0


train, dev = [pair() for _ in range(900)], [pair() for _ in range(300)]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(fill + sum(groups, []))))}


class Tower(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.lin = nn.Linear(d, d)

    def forward(self, x):
        m = (x > 0).float().unsqueeze(-1)
        h = torch.tanh(self.lin((self.emb(x) * m).sum(1) / m.sum(1)))
        # fault:
        return F.normalize(h, dim=0)
        # mended:
        # return F.normalize(h, dim=1)
        # end


def ids(sents):
    n = max(map(len, sents))
    return torch.tensor([[vocab[w] for w in s] + [0] * (n - len(s)) for s in sents])


tower = Tower()
opt = torch.optim.Adam(tower.parameters(), lr=4e-3)
for epoch in range(8):
    random.shuffle(train)
    tot = 0
    for i in range(0, 900, 30):
        a, b, y = zip(*train[i:i + 30])
        loss = F.mse_loss((tower(ids(a)) * tower(ids(b))).sum(1), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 30
    with torch.no_grad():
        a, b, y = zip(*dev)
        sim, y = (tower(ids(a)) * tower(ids(b))).sum(1), torch.tensor(y)
        r = torch.corrcoef(torch.stack([sim, y]))[0, 1].item()
        print(f"epoch {epoch} loss {tot:.4f} dev mse {F.mse_loss(sim, y).item():.4f} pearson {r:.4f}")
