"""word2vec (skip-gram, negative sampling) on ingredient lists; the check is on held-out pairs and on neighbours."""
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(8); random.seed(8); torch.manual_seed(8)
CUISINE = {
    "italian": "basil oregano parmesan mozzarella pasta prosciutto balsamic pancetta ricotta polenta rosemary capers".split(),
    "thai": "lemongrass galangal coconut fishsauce lime cilantro chili shrimp ricenoodle tamarind peanut bird'seye".split(),
    "mexican": "tortilla avocado jalapeno cumin blackbean corn salsa queso chipotle adobo epazote tomatillo".split(),
    "baking": "flour sugar vanilla butter egg bakingpowder cinnamon cocoa milk nutmeg raisin almond".split(),
    "indian": "turmeric garam ghee paneer cardamom lentil basmati fenugreek mustardseed curryleaf yoghurt asafoetida".split(),
}
COMMON = "salt pepper water oil onion garlic".split()


def recipe():
    c = random.choice(list(CUISINE))
    p = 1 / np.arange(2, 14) ** 0.6
    own = rng.choice(CUISINE[c], size=random.randint(4, 7), replace=False, p=p / p.sum()).tolist()
    other = [random.choice(random.choice(list(CUISINE.values()))) for _ in range(random.random() < .4)]
    r = own + other + random.sample(COMMON, random.randint(1, 3))
    random.shuffle(r)
    return r


recipes = {tuple(recipe()) for _ in range(1500)}
recipes = sorted(recipes); random.shuffle(recipes)
held, recipes = recipes[:150], recipes[150:]
freq = {}
for r in recipes:
    for w in r:
        freq[w] = freq.get(w, 0) + 1
vocab = sorted(freq, key=lambda w: -freq[w]); ix = {w: i for i, w in enumerate(vocab)}
counts = np.array([freq[w] for w in vocab], dtype=float)
keep = np.minimum(1, np.sqrt(0.01 / (counts / counts.sum())))        # subsampling of frequent words
noise = torch.tensor(counts ** 0.75 / (counts ** 0.75).sum(), dtype=torch.float)


def pairs(rs, sub):
    out = []
    for r in rs:
        r = [ix[w] for w in r if w in ix and (not sub or rng.random() < keep[ix[w]])]
        for i, c in enumerate(r):
            for j in range(max(0, i - 3), min(len(r), i + 4)):
                if j != i:
                    out.append((c, r[j]))
    return torch.tensor(out)


class SGNS(nn.Module):
    def __init__(self, V, d=24):
        super().__init__()
        self.inp, self.out = nn.Embedding(V, d, sparse=True), nn.Embedding(V, d, sparse=True)
        nn.init.uniform_(self.inp.weight, -.5 / d, .5 / d)
        nn.init.zeros_(self.out.weight)

    def forward(self, c, o, neg):
        v = self.inp(c)
        pos = (v * self.out(o)).sum(-1)
        ns = torch.bmm(self.out(neg), v.unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(pos) + F.logsigmoid(-ns).sum(-1)).mean()


net = SGNS(len(vocab))
opt = torch.optim.SparseAdam(list(net.parameters()), lr=0.02)
held_pairs = pairs(held, False)
held_neg = torch.multinomial(noise, len(held_pairs) * 5, replacement=True).view(-1, 5)
kind = {w: c for c, ws in CUISINE.items() for w in ws}


def purity():
    W = F.normalize(net.inp.weight.detach(), dim=1)
    S = W @ W.T
    S.fill_diagonal_(-1)
    good = n = 0
    for w in vocab:
        if w in kind:
            near = [vocab[j] for j in S[ix[w]].topk(5).indices.tolist()]
            good += sum(kind.get(x) == kind[w] for x in near); n += 5
    return good / n


print("start  neighbours of the same cuisine %.3f" % purity())
for epoch in range(5):
    P = pairs(recipes, True)
    P = P[torch.randperm(len(P))]
    tot = 0.
    for b in P.split(256):
        neg = torch.multinomial(noise, len(b) * 5, replacement=True).view(-1, 5)
        opt.zero_grad()
        loss = net(b[:, 0], b[:, 1], neg)
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        h = net(held_pairs[:, 0], held_pairs[:, 1], held_neg).item()
    print("epoch %d  loss %.4f  held-out loss %.4f  neighbours of the same cuisine %.3f" % (epoch, tot / len(P), h, purity()))
    for g in opt.param_groups:
        g["lr"] *= 0.6
