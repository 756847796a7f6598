"""ingredients2vec: which ingredient is missing from the basket?  (item2vec with negative sampling)"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(17)
torch.manual_seed(17)

KITCHENS = {
    "turkish": "bulgur sumak isot yufka kaymak tahin pastırma sucuk pekmez nar ekşisi beyaz_peynir salça kuru_nane börülce".split(),
    "japanese": "mirin dashi nori wasabi tofu sake miso udon shiitake panko yuzu daikon umeboshi edamame".split(),
    "mexican": "masa chipotle cilantro queso tortilla tomatillo poblano epazote frijoles jicama nopales achiote crema ancho".split(),
    "baking": "flour sugar butter vanilla yeast cocoa almonds raisins cinnamon cream eggs icing nutmeg molasses".split(),
    "indian": "ghee paneer turmeric cardamom tamarind atta jaggery fenugreek asafoetida curry_leaf urad_dal mustard_seed naan amchur".split(),
}
COMMON = "salt water oil onion garlic pepper lemon tomato rice milk".split()
items = sorted({w for ws in KITCHENS.values() for w in ws} | set(COMMON))
index = {w: i for i, w in enumerate(items)}


def basket():
    own = list(KITCHENS.values())[rng.integers(len(KITCHENS))]
    picked = list(rng.choice(own, size=rng.integers(3, 7), replace=False))
    picked += list(rng.choice(COMMON, size=rng.integers(1, 3), replace=False))
    return [index[w] for w in picked]


baskets = [basket() for _ in range(3000)]
held, baskets = baskets[:300], baskets[300:]
pairs = np.array([(a, b) for bk in baskets for a in bk for b in bk if a != b])
counts = np.bincount(pairs[:, 1], minlength=len(items)).astype(float)
noise = torch.from_numpy(counts ** 0.75 / (counts ** 0.75).sum()).float()
print(f"{len(items)} ingredients, {len(pairs)} pairs")


class SkipGram(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.centre = nn.Embedding(n, d, sparse=True)
        self.context = nn.Embedding(n, d, sparse=True)
        nn.init.uniform_(self.centre.weight, -0.5 / d, 0.5 / d)
        nn.init.zeros_(self.context.weight)

    def forward(self, c, o, neg):
        v = self.centre(c)
        pos = (v * self.context(o)).sum(-1)
        neg = torch.bmm(self.context(neg), v.unsqueeze(-1)).squeeze(-1)
        return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()


def hit_at_5(model):
    """leave one own ingredient out of each held basket, ask for it with the others"""
    hits = 0
    with torch.no_grad():
        for bk in held:
            missing, rest = bk[0], bk[1:]
            q = model.centre.weight[rest].mean(0)
            scores = model.context.weight @ q
            scores[rest] = -1e9
            hits += int(missing in scores.topk(5).indices.tolist())
    return hits / len(held)


model = SkipGram(len(items), 32)
# fault:
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1, weight_decay=1e-6)
# mended:
# optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
# end
print("chance hit@5 %.3f" % (5 / len(items)))

for epoch in range(3):
    perm = rng.permutation(len(pairs))
    losses = []
    for s in range(0, len(perm), 256):
        part = torch.from_numpy(pairs[perm[s:s + 256]])
        negs = torch.multinomial(noise, len(part) * 5, replacement=True).view(-1, 5)
        optimizer.zero_grad()
        loss = model(part[:, 0], part[:, 1], negs)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print("epoch %d loss %.4f hit@5 %.3f" % (epoch, np.mean(losses), hit_at_5(model)))
