"""Find the answer that belongs to a question among 200; triplet loss on bags of words."""
import random

import torch
from torch import nn
import torch.nn.functional as F

random.seed(41)
torch.manual_seed(41)
concepts = [(f"q{i}", f"a{i}") for i in range(60)]  # a question word and the word that answers it
noise = [f"n{i}" for i in range(30)]
words = [w for pair in concepts for w in pair] + noise
ids = {w: i for i, w in enumerate(words)}


def pair():
    cs = random.sample(concepts, 3)
    q = [c[0] for c in cs] + random.choices(noise, k=3)
    a = [c[1] for c in cs] + random.choices(noise, k=4)
    random.shuffle(q)
    random.shuffle(a)
    return [ids[w] for w in q], [ids[w] for w in a]


def load(n):
    qs, ans = zip(*[pair() for _ in range(n)])
    return torch.tensor(qs), torch.tensor(ans)


class Tower(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(words), d, mode="mean")
        self.proj = nn.Linear(d, d)

    def forward(self, x):
        return F.normalize(self.proj(self.bag(x)), dim=-1)


question, answer = Tower(), Tower()
params = list(question.parameters()) + list(answer.parameters())
opt = torch.optim.Adam(params, lr=5e-3)
Q, A = load(2000)
Qt, At = load(200)
for epoch in range(10):
    perm = torch.randperm(len(Q))
    total = 0.0
    for i in range(0, len(perm), 50):
        b = perm[i:i + 50]
        q, a = question(Q[b]), answer(A[b])
        wrong = a.roll(1, 0)
        # fault:
        loss = F.triplet_margin_loss(q, wrong, a, margin=0.4)
        # mended:
        # loss = F.triplet_margin_loss(q, a, wrong, margin=0.4)
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        sims = question(Qt) @ answer(At).T
        rank = (sims > sims.diag()[:, None]).sum(1).float() + 1
        print(f"epoch {epoch} loss {total / 40:.4f} hit@1 {(rank == 1).float().mean():.3f} mean rank {rank.mean():.1f}")
