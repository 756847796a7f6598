"""Order candidate answers by graded relevance: ListNet over lists of different length, evaluated with NDCG."""
import math
import random

import torch
from torch import nn

random.seed(18)
torch.manual_seed(18)
topics = [[f"t{k}_{i}" for i in range(10)] for k in range(12)]
plain = [f"p{i}" for i in range(20)]
ids = {w: i for i, w in enumerate(plain + sum(topics, []))}


def text(k, hits, n=6):
    t = random.sample(topics[k], hits) + random.choices(plain, k=n - hits)
    return [ids[w] for w in t]


def query():
    k = random.randrange(12)
    grades = [random.choice([0, 0, 1, 2]) for _ in range(random.randint(3, 7))] + [2]
    cands = []
    for g in grades:
        other = random.choice([j for j in range(12) if j != k])
        cands.append(text(k, 2 * g) if g else text(other, random.choice([0, 2, 4])))
    return torch.tensor(text(k, 3)), torch.tensor(cands), torch.tensor(grades, dtype=torch.float)


class Ranker(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(ids), d, mode="sum")
        self.map = nn.Linear(d, d, bias=False)

    def forward(self, q, c):
        return self.bag(c) @ self.map(self.bag(q[None]))[0] / 6


def ndcg(scores, grades, k=5):
    gain = lambda g: sum((2**v - 1) / math.log2(i + 2) for i, v in enumerate(g[:k]))
    return gain(grades[scores.argsort(descending=True)].tolist()) / gain(grades.sort(descending=True).values.tolist())


model = Ranker()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
train, test = [query() for _ in range(700)], [query() for _ in range(120)]
for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for i in range(0, 700, 10):
        opt.zero_grad()
        for q, c, g in train[i:i + 10]:
            loss = -(torch.softmax(2 * g, 0) * model(q, c).log_softmax(0)).sum() / 10
            loss.backward()
            total += loss.item() * 10
        opt.step()
    with torch.no_grad():
        mean = sum(ndcg(model(q, c), g) for q, c, g in test) / len(test)
    print(f"epoch {epoch} loss {total / 700:.4f} NDCG@5 {mean:.4f}")
