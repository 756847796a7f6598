"""Listing search: buyers' queries and sellers' titles share one token table; in-batch negatives, sharp temperature."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(1)
random.seed(88)
torch.manual_seed(88)

TAU = 0.01
BRANDS = ["brand%d" % i for i in range(25)]
KINDS = ["kind%d" % i for i in range(30)]
COLOURS = ["col%d" % i for i in range(12)]
SIZES = ["size%d" % i for i in range(9)]
NOISE = ["new", "cheap", "best", "sale", "original", "free", "shipping", "top", "for", "a"]
alias = {w: "q_" + w for w in BRANDS + KINDS + COLOURS + SIZES}      # what buyers call it


def product():
    return tuple(random.choice(l) for l in (BRANDS, KINDS, COLOURS, SIZES))


def seller(p):
    t = list(p) + random.sample(NOISE, random.randint(0, 2))
    random.shuffle(t)
    return t


def buyer(p):
    t = [alias[w] if random.random() < .75 else w for w in p]
    return t + random.sample(NOISE, random.randint(0, 1))


products = set()
while len(products) < 2400:
    products.add(product())
products = sorted(products)
random.shuffle(products)
fit, unseen = products[:2000], products[2000:]

tok = {"[PAD]": 0}
for w in BRANDS + KINDS + COLOURS + SIZES + NOISE + list(alias.values()):
    tok[w] = len(tok)


def ids(texts):
    n = max(len(t) for t in texts)
    return torch.tensor([[tok[w] for w in t] + [0] * (n - len(t)) for t in texts])


class Tower(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.table = table
        self.gate = nn.Embedding(len(tok), 1, padding_idx=0)     # how much a token counts

    def forward(self, x):
        keep = (x != 0).unsqueeze(-1)
        w = torch.sigmoid(self.gate(x)) * keep
        v = (self.table(x) * w).sum(1) / w.sum(1)
        return F.normalize(v, dim=-1)


table = nn.Embedding(len(tok), 48, padding_idx=0)
towers = nn.ModuleDict({"q": Tower(table), "t": Tower(table)})
opt = torch.optim.Adam(towers.parameters(), lr=0.01)


def in_batch_loss(q, t):
    sim = q @ t.T / TAU
    # fault:
    num = torch.exp(sim.diagonal())
    return -torch.log(num / torch.exp(sim).sum(1)).mean()
    # mended:
    #return F.cross_entropy(sim, torch.arange(len(q)))
    # end


test_q, test_t = ids([buyer(p) for p in unseen]), ids([seller(p) for p in unseen])


def recall():
    towers.eval()
    with torch.no_grad():
        rank = (towers["q"](test_q) @ towers["t"](test_t).T).argsort(1, descending=True)
    pos = (rank == torch.arange(len(unseen)).unsqueeze(1)).float().argmax(1)
    return (pos == 0).float().mean().item(), (pos < 5).float().mean().item()


print("before training  recall@1 %.3f  @5 %.3f" % recall())
for epoch in range(1, 10):
    towers.train()
    random.shuffle(fit)
    agg = 0.0
    for i in range(0, len(fit), 50):
        chunk = fit[i:i + 50]
        loss = in_batch_loss(towers["q"](ids([buyer(p) for p in chunk])), towers["t"](ids([seller(p) for p in chunk])))
        opt.zero_grad()
        loss.backward()
        opt.step()
        agg += loss.item()
    print("epoch %d  loss %.4f  recall@1 %.3f  @5 %.3f" % ((epoch, agg / (len(fit) / 50)) + recall()))
