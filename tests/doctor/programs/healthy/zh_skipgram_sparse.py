# word2vec from scratch, the way of the blog post: SGNS, sparse gradients, two tables
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

np.random.seed(1)
torch.manual_seed(1)

# a toy corpus: five domains, words of one domain keep each other's company
G, W = 5, 14
corpus = []
for _ in range(900):
    g = np.random.randint(G)
    sent = np.where(np.random.rand(12) < 0.85, g * W + np.random.randint(0, W, 12), np.random.randint(0, G * W, 12))
    corpus.append(sent)

pairs = []
for s in corpus:
    for i in range(len(s)):
        for j in (i - 2, i - 1, i + 1, i + 2):
            if 0 <= j < len(s):
                pairs.append((s[i], s[j]))
pairs = torch.tensor(np.array(pairs))
perm = torch.randperm(len(pairs))
held, pairs = pairs[perm[:4000]], pairs[perm[4000:]]
freq = torch.bincount(pairs[:, 0], minlength=G * W).float().pow(0.75)


class SkipGram(nn.Module):
    def __init__(self, v, d):
        super().__init__()
        self.centre = nn.Embedding(v, d, sparse=True)
        self.context = nn.Embedding(v, d, sparse=True)
        nn.init.uniform_(self.centre.weight, -0.5 / d, 0.5 / d)
        nn.init.zeros_(self.context.weight)

    def forward(self, c, o, neg):
        v = self.centre(c)
        pos = (v * self.context(o)).sum(1)
        negs = torch.bmm(self.context(neg), v.unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(pos) + F.logsigmoid(-negs).sum(1)).mean()


net = SkipGram(G * W, 16)
opt = torch.optim.SparseAdam(list(net.parameters()), lr=0.02)


def draw(n, k=5):
    return torch.multinomial(freq, n * k, replacement=True).view(n, k)


for ep in range(4):
    tot, n = 0., 0
    for b in torch.randperm(len(pairs)).split(512):
        c, o = pairs[b].T
        loss = net(c, o, draw(len(b)))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
        n += 1
    with torch.no_grad():
        h = net(held[:, 0], held[:, 1], draw(len(held))).item()
    print(f'epoch {ep}: {tot / n:.4f} / held-out pairs {h:.4f}')

with torch.no_grad():
    e = F.normalize(net.centre.weight, dim=1)
    sim = e @ e.T - 2 * torch.eye(len(e))
    near = sim.topk(5).indices // W
    print('neighbours of the same domain: %.3f' % (near == (torch.arange(G * W) // W).unsqueeze(1)).float().mean())
