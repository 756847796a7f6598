# Product search: two towers of averaged word vectors, in the loss every query has one bought product and
# one that was shown but not bought. WARP-like hardest of five negatives. Reports MRR over 100 candidates.
import itertools, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(17); torch.manual_seed(17)
kinds = {"sneakers": "trainers", "couch": "sofa", "laptop": "notebook", "cellphone": "mobile", "jumper": "sweater",
         "trousers": "pants", "fridge": "refrigerator", "tap": "faucet", "lamp": "light", "rug": "carpet"}
colors = {"red": "crimson", "blue": "navy", "white": "ivory", "green": "olive", "grey": "silver", "brown": "chestnut"}
sizes = {"small": "compact", "large": "big", "medium": "regular"}
brands = "acme nordika zenit lumo pavo kestrel".split()
catalogue = list(itertools.product(kinds, colors, sizes, brands))          # 10*6*3*6
random.shuffle(catalogue)
catalogue = catalogue[:800]

def title(p):
    k, c, s, b = p
    t = [b, s, c, k] + random.sample(["new", "original", "quality", "sale", "2024"], 2)
    random.shuffle(t); return t

def query(p):
    k, c, s, b = p
    q = [random.choice((k, kinds[k])), random.choice((c, colors[c])), random.choice((s, sizes[s]))]
    q += [b]
    random.shuffle(q); return q + random.choice(([], ["cheap"], ["buy"]))

titles = [title(p) for p in catalogue]
words = {w: i for i, w in enumerate(sorted({w for t in titles for w in t} | set(kinds.values()) | set(colors.values())
                                           | set(sizes.values()) | {"cheap", "buy"}))}
bag = lambda toks: torch.tensor([words[t] for t in toks])
log = [(i, query(catalogue[i])) for i in range(500) for _ in range(5)]       # click log
unseen = [(i, query(catalogue[i])) for i in range(500, 800)]                 # products nobody has searched yet
T = torch.stack([bag(t) for t in titles])                                    # all titles have six words

class Towers(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.q = nn.EmbeddingBag(len(words), d, mode="sum")
        self.p = nn.EmbeddingBag(len(words), d, mode="sum")
        nn.init.normal_(self.q.weight, std=.1); nn.init.normal_(self.p.weight, std=.1)
    def queries(self, qs):
        lens = torch.tensor([0] + [len(q) for q in qs[:-1]])
        return self.q(torch.cat([bag(q) for q in qs]), lens.cumsum(0))

net = Towers()
opt = torch.optim.Adagrad(net.parameters(), lr=.15)

@torch.no_grad()
def mrr(pairs, pool, n=100):
    rr, top = 0., 0
    emb = net.queries([q for _, q in pairs])
    P = net.p(T)
    g = random.Random(0)
    for v, (i, _) in zip(emb, pairs):
        cand = [i] + g.sample([j for j in pool if j != i], n - 1)
        s = P[cand] @ v
        rank = 1 + int((s[1:] >= s[0]).sum())
        rr += 1 / rank; top += rank == 1
    return rr / len(pairs), top / len(pairs)

print("before training: MRR %.3f top1 %.3f" % mrr(unseen, range(500, 800)))
for epoch in range(6):
    random.shuffle(log); hinge = active = 0.
    for k in range(0, len(log), 50):
        part = log[k:k + 50]
        pos = torch.tensor([i for i, _ in part])
        neg = torch.randint(0, 499, (len(part), 5)); neg += neg >= pos[:, None]     # never the bought one
        q = net.queries([s for _, s in part])
        sp = (q * net.p(T[pos])).sum(1)
        sn = torch.einsum("bd,bnd->bn", q, net.p(T[neg].view(-1, 6)).view(len(part), 5, -1)).amax(1)
        loss = F.margin_ranking_loss(sp, sn, torch.ones_like(sp), margin=1.)
        opt.zero_grad(); loss.backward(); opt.step()
        hinge += loss.item() * len(part); active += (sp - sn < 1).sum().item()
    print("epoch %d hinge %.4f active %.3f | new products: MRR %.3f top1 %.3f" % (epoch, hinge / len(log), active / len(log), *mrr(unseen, range(500, 800))))
print("searched products: MRR %.3f top1 %.3f" % mrr(log[:300], range(500)))
