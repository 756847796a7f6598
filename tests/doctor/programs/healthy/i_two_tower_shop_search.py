# Shop search, two towers with an optimiser each: query words and product titles use different words.
import math, random
import torch
from torch import nn

torch.manual_seed(8); random.seed(8)
N_CONCEPT = 60                                   # each concept has 3 query words and 3 title words
QW = lambda c, k: c * 3 + k
TW = lambda c, k: c * 3 + k


def product():
    return random.sample(range(N_CONCEPT), 4)


def sample_pair():
    p = product()
    title = [TW(c, random.randrange(3)) for c in p]
    query = [QW(c, random.randrange(3)) for c in random.sample(p, 3)]
    return query, title


class QueryTower(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.table = nn.Embedding(N_CONCEPT * 3, d)
        self.mix = nn.Linear(d, d)

    def forward(self, q):
        return nn.functional.normalize(self.mix(self.table(q).sum(1)), dim=-1)


class TitleTower(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.table = nn.Embedding(N_CONCEPT * 3, d)

    def forward(self, t):
        return nn.functional.normalize(self.table(t).sum(1), dim=-1)


def loader(pairs, bs):
    random.shuffle(pairs)
    for i in range(0, len(pairs) - bs + 1, bs):
        q, t = zip(*pairs[i:i + bs])
        yield torch.tensor(q), torch.tensor(t)


@torch.no_grad()
def mrr(qt, tt, pairs):
    q, t = (torch.tensor(z) for z in zip(*pairs))
    sims = qt(q) @ tt(t).T
    rank = (sims > sims.diagonal()[:, None]).sum(1) + 1
    return (1 / rank.float()).mean().item(), (rank == 1).float().mean().item()


train = [sample_pair() for _ in range(12000)]
valid = [sample_pair() for _ in range(400)]
D = 32
queries, titles = QueryTower(D), TitleTower(D)
opt_q = torch.optim.Adam(queries.parameters(), lr=5e-3)
opt_t = torch.optim.Adam(titles.parameters(), lr=1e-2)
log_temp = torch.tensor(math.log(10.0), requires_grad=True)
opt_temp = torch.optim.SGD([log_temp], lr=1e-2)
opts = [opt_q, opt_t, opt_temp]
schedulers = [torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.1, total_iters=6) for o in opts]

for epoch in range(6):
    running, n = 0.0, 0
    for q, t in loader(train, 100):
        logits = queries(q) @ titles(t).T * log_temp.exp()
        gold = torch.arange(len(q))
        loss = (nn.functional.cross_entropy(logits, gold) + nn.functional.cross_entropy(logits.T, gold)) / 2
        for o in opts:
            o.zero_grad()
        loss.backward()
        for o in opts:
            o.step()
        running += loss.item(); n += 1
    for s in schedulers:
        s.step()
    (m, r1), (mt, _) = mrr(queries, titles, valid), mrr(queries, titles, train[:400])
    print(f"{epoch}: contrastive {running / n:.3f}  scale {log_temp.exp().item():.2f}  MRR train {mt:.3f} valid {m:.3f}  R@1 {r1:.3f}")
