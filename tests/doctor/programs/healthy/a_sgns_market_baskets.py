# item2vec: skip-gram with negative sampling over shopping baskets, sparse gradients
import numpy as np
import torch
from torch.nn import Embedding, Module
from torch.nn.functional import logsigmoid

np.random.seed(17)
torch.manual_seed(17)
N_AISLES, PER_AISLE = 8, 15
N = N_AISLES * PER_AISLE
aisle = np.arange(N) // PER_AISLE
popularity = 1.0 / (1 + np.arange(N) % PER_AISLE) ** 0.5


def basket():
    a = np.random.choice(N_AISLES, 2, replace=False, p=None)
    w = np.where(np.isin(aisle, a[:1]), 1.0, np.where(aisle == a[1], 0.25, 0.015)) * popularity
    return np.random.choice(N, np.random.randint(4, 8), replace=False, p=w / w.sum())


def pairs(baskets):
    return np.array([(i, j) for b in baskets for i in b for j in b if i != j])


train = pairs([basket() for _ in range(1800)])
held = pairs([basket() for _ in range(200)])
freq = np.bincount(train[:, 1], minlength=N).astype(float)
noise = torch.from_numpy(freq ** 0.75 / (freq ** 0.75).sum()).float()


class Item2Vec(Module):
    def __init__(self, dim=16):
        super().__init__()
        self.inp = Embedding(N, dim, sparse=True)
        self.ctx = Embedding(N, dim, sparse=True)
        self.inp.weight.data.uniform_(-0.5 / dim, 0.5 / dim)
        self.ctx.weight.data.zero_()            # as in word2vec.c

    def loss(self, i, j, k=5):
        neg = torch.multinomial(noise, len(i) * k, replacement=True).view(len(i), k)
        v = self.inp(i)
        pos = (v * self.ctx(j)).sum(1)
        bad = torch.bmm(self.ctx(neg), v.unsqueeze(2)).squeeze(2)
        return -(logsigmoid(pos) + logsigmoid(-bad).sum(1)).mean()


model = Item2Vec()
opt = torch.optim.SparseAdam(list(model.parameters()), lr=0.01)
held_t = torch.from_numpy(held)
for epoch in range(1, 5):
    perm = torch.from_numpy(np.random.permutation(train))
    tot = 0.0
    for chunk in perm.split(512):
        opt.zero_grad()
        loss = model.loss(chunk[:, 0], chunk[:, 1])
        loss.backward()
        opt.step()
        tot += loss.item() * len(chunk)
    with torch.no_grad():
        h = model.loss(held_t[:, 0], held_t[:, 1]).item()
        v = torch.nn.functional.normalize(model.inp.weight, dim=1)
        s = v @ v.T
        s.fill_diagonal_(-2)
        nn5 = s.topk(5).indices.numpy()
    same = (aisle[nn5] == aisle[:, None]).mean()
    print(f"epoch {epoch}: loss {tot / len(perm):.3f} held-out {h:.3f} | neighbours from the same aisle {same:.3f} (chance {(PER_AISLE - 1) / (N - 1):.3f})")
