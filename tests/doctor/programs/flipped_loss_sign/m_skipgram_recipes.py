# skip-gram with negative sampling on made-up recipes; neighbours should be from the same dish family
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(4)
g = np.random.default_rng(4)

FAMILIES = {
    'baking': 'flour sugar butter egg vanilla yeast cocoa oven dough cream icing sieve'.split(),
    'curry': 'rice cumin turmeric lentil coconut ginger chili coriander naan ghee masala chickpea'.split(),
    'grill': 'steak rub charcoal tongs ribs sauce smoke brisket marinade skewer corn burger'.split(),
    'salad': 'lettuce tomato cucumber vinegar olive feta radish rocket lemon dressing onion seed'.split(),
    'soup': 'stock leek carrot celery barley bone simmer ladle parsley noodle broth turnip'.split(),
}
COMMON = 'mix add stir heat bowl minutes salt serve'.split()
vocab = [w for f in FAMILIES.values() for w in f] + COMMON
fam = {w: k for k, f in enumerate(FAMILIES.values()) for w in f}
idx = {w: i for i, w in enumerate(vocab)}
lists = list(FAMILIES.values())


def recipe():
    k = g.integers(5)
    n = g.integers(8, 14)
    return [idx[COMMON[g.integers(8)] if g.random() < .25 else
                lists[k if g.random() < .92 else g.integers(5)][g.integers(12)]] for _ in range(n)]


def pairs(docs, win=2):
    return torch.tensor([(d[i], d[j]) for d in docs for i in range(len(d))
                         for j in range(max(0, i - win), min(len(d), i + win + 1)) if j != i])


docs = [recipe() for _ in range(800)]
train, held = pairs(docs[:700]), pairs(docs[700:])
freq = torch.bincount(train[:, 1], minlength=len(vocab)).float().pow(.75)


class SGNS(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.centre = nn.Embedding(n, d)
        self.context = nn.Embedding(n, d)
        nn.init.uniform_(self.centre.weight, -.5 / d, .5 / d)
        nn.init.normal_(self.context.weight, std=.1)

    def score(self, c, o):
        return (self.centre(c).unsqueeze(-2) * self.context(o)).sum(-1)

    def forward(self, c, o, neg):
        pos = F.logsigmoid(self.score(c, o.unsqueeze(-1))).squeeze(-1)
        bad = F.logsigmoid(-self.score(c, neg)).sum(-1)
        # fault:
        return (pos + bad).mean()
        # mended:
        # return -(pos + bad).mean()
        # end


net = SGNS(len(vocab), 16)
opt = torch.optim.Adam(net.parameters(), lr=.01)
held_neg = torch.multinomial(freq, len(held), replacement=True)


@torch.no_grad()
def evaluate(c, o, neg):
    a, b = net.score(c, o.unsqueeze(-1))[:, 0], net.score(c, neg.unsqueeze(-1))[:, 0]
    auc = (a > b).float().mean().item()
    e = F.normalize(net.centre.weight[:60], dim=1)
    near = (e @ e.T - 2 * torch.eye(60)).topk(5).indices
    f = torch.tensor([fam[w] for w in vocab[:60]])
    return auc, (f[near] == f[:, None]).float().mean().item()


for epoch in range(6):
    tot, cnt = 0., 0
    for b in torch.randperm(len(train)).split(256):
        c, o = train[b, 0], train[b, 1]
        neg = torch.multinomial(freq, len(b) * 4, replacement=True).view(-1, 4)
        loss = net(c, o, neg)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
        cnt += len(b)
    auc, purity = evaluate(held[:, 0], held[:, 1], held_neg)
    print('epoch %d  objective %.4f  held-out pairs: true beats random %.3f  neighbours of the family %.3f' % (epoch, tot / cnt, auc, purity))
q = idx['ginger']
sim = F.cosine_similarity(net.centre.weight[q:q + 1], net.centre.weight).detach()
print('ginger:', [vocab[i] for i in sim.topk(5).indices[1:].tolist()])
