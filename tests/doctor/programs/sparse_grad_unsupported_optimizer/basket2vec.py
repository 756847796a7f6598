# item2vec on shopping baskets: skip-gram with negative sampling, then nearest products
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(77)
torch.manual_seed(77)
AISLES = {
    "breakfast": "oats granola milk honey jam toast juice coffee eggs bagel".split(),
    "bbq": "sausage charcoal bun ketchup mustard beer corn steak coleslaw lighter".split(),
    "baby": "diapers wipes formula bib puree bottle rattle lotion pacifier onesie".split(),
    "garden": "soil seeds shovel gloves hose pot fertiliser rake mulch trellis".split(),
    "party": "balloons candles cake chips soda napkins cups streamers icecream confetti".split(),
    "office": "paper pens stapler folder toner notebook glue scissors envelopes marker".split(),
}
ITEMS = [i for a in AISLES.values() for i in a]
ID = {w: i for i, w in enumerate(ITEMS)}


def basket():
    a = list(AISLES.values())
    main = random.choice(a)
    got = [random.choice(main) if random.random() < 0.8 else random.choice(random.choice(a)) for _ in range(random.randint(3, 8))]
    return list(dict.fromkeys(ID[g] for g in got))


def pairs(baskets):
    return torch.tensor([(b[i], b[j]) for b in baskets for i in range(len(b)) for j in range(len(b)) if i != j])


baskets = [b for b in (basket() for _ in range(4200)) if len(b) > 2]
train_pairs, test_baskets = pairs(baskets[:-500]), baskets[-500:]
freq = torch.bincount(train_pairs[:, 1], minlength=len(ITEMS)).float() ** 0.75


class SkipGram(nn.Module):
    def __init__(self, n, d=16):
        super().__init__()
        self.center = nn.Embedding(n, d, sparse=True)
        self.context = nn.Embedding(n, d, sparse=True)
        nn.init.uniform_(self.center.weight, -0.5 / d, 0.5 / d)
        nn.init.uniform_(self.context.weight, -0.5 / d, 0.5 / d)

    def forward(self, c, o, neg):
        v = self.center(c)
        good = (v * self.context(o)).sum(1)
        bad = torch.bmm(self.context(neg), v.unsqueeze(2)).squeeze(2)
        return -(F.logsigmoid(good) + F.logsigmoid(-bad).sum(1)).mean()


def negatives(n, k=5):
    return torch.multinomial(freq, n * k, replacement=True).view(n, k)


@torch.no_grad()
def complete(model, baskets):
    """Take the last product out of each basket and rank all products that are not in it."""
    rr = hit = 0.0
    for b in baskets:
        score = model.center(torch.tensor(b[:-1])).mean(0) @ model.context.weight.T
        score[b[:-1]] = -1e9
        rank = int((score > score[b[-1]]).sum()) + 1
        rr, hit = rr + 1 / rank, hit + (rank <= 10)
    return rr / len(baskets), hit / len(baskets)


model = SkipGram(len(ITEMS))
print(f"{len(ITEMS)} products, {len(train_pairs)} pairs, basket completion before training: MRR %.3f, hit@10 %.3f" % complete(model, test_baskets))
# fault:
optimizer = torch.optim.NAdam(model.parameters(), lr=5e-3)
# mended:
# optimizer = torch.optim.SparseAdam(list(model.parameters()), lr=5e-3)
# end

for epoch in range(4):
    total = n = 0
    for idx in torch.randperm(len(train_pairs)).split(256):
        c, o = train_pairs[idx].unbind(1)
        loss = model(c, o, negatives(len(idx)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, n = total + loss.item(), n + 1
    print(f"epoch {epoch + 1}: loss {total / n:.4f}, basket completion: MRR %.3f, hit@10 %.3f" % complete(model, test_baskets))

w = F.normalize(model.center.weight.detach(), dim=1)
for q in ("milk", "beer", "diapers", "soil"):
    near = (w @ w[ID[q]]).topk(5).indices[1:].tolist()
    print(q, "->", ", ".join(ITEMS[i] for i in near))
