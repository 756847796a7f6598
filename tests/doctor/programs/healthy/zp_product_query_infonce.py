# Bi-encoder for product search, in-batch negatives (InfoNCE with learned temperature).
import torch, random, math
import torch.nn as nn, torch.nn.functional as F
random.seed(77); torch.manual_seed(77)

BRANDS = ["acme", "nordic", "zeta", "orion", "lumo", "kiva", "tarn", "solo"]
COLORS = {"red": ["crimson", "red"], "blue": ["navy", "blue"], "green": ["olive", "green"], "black": ["dark", "black"],
          "white": ["ivory", "white"], "yellow": ["mustard", "yellow"]}
THINGS = {"sofa": ["couch", "sofa"], "lamp": ["light", "lamp"], "rug": ["carpet", "rug"], "bag": ["handbag", "bag"], "shirt": ["tee", "shirt"],
          "shoe": ["sneaker", "shoe"], "cup": ["mug", "cup"], "chair": ["seat", "chair"], "desk": ["table", "desk"], "coat": ["jacket", "coat"]}
NOISE = "cheap best buy online for my home new sale with quality classic the and in stock".split()
catalog = [(b, c, t) for b in BRANDS for c in COLORS for t in THINGS]      # 480 products
random.shuffle(catalog)
train_products, test_products = catalog[:380], catalog[380:]

def title(p):
    b, c, t = p
    w = [b, c, t] + random.sample(NOISE, 3)
    random.shuffle(w)
    return w
def query(p):
    b, c, t = p
    w = [b, random.choice(COLORS[c]), random.choice(THINGS[t])] + random.sample(NOISE, random.randint(0, 2))
    random.shuffle(w)
    return w

words = sorted(set(BRANDS) | set(NOISE) | {x for k, v in {**COLORS, **THINGS}.items() for x in [k] + v})
w2i = {w: i + 1 for i, w in enumerate(words)}
def ids(texts):
    n = max(map(len, texts))
    return torch.tensor([[w2i[w] for w in t] + [0] * (n - len(t)) for t in texts])

class Tower(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.e = nn.Embedding(len(w2i) + 1, dim, padding_idx=0)
        self.gate = nn.Embedding(len(w2i) + 1, 1, padding_idx=0)
    def forward(self, x):
        keep = (x > 0).float().unsqueeze(-1)
        a = torch.sigmoid(self.gate(x)) * keep
        return F.normalize((a * self.e(x)).sum(1), dim=-1)

queries, items = Tower(), Tower()
log_t = nn.Parameter(torch.tensor(math.log(8.0)))
opt = torch.optim.Adam([*queries.parameters(), *items.parameters(), log_t], lr=0.01)

def recall_at_1(products):
    # every query against all titles of the given list
    with torch.no_grad():
        q = queries(ids([query(p) for p in products]))
        d = items(ids([title(p) for p in products]))
    return (q @ d.T).argmax(1).eq(torch.arange(len(products))).float().mean().item()

print("untrained: test recall@1 %.3f" % recall_at_1(test_products))
for epoch in range(16):
    random.shuffle(train_products)
    total, n = 0.0, 0
    for rep in range(2):
        for k in range(0, len(train_products), 38):
            part = train_products[k:k + 38]
            q, d = queries(ids([query(p) for p in part])), items(ids([title(p) for p in part]))
            s = log_t.exp().clamp(max=50) * q @ d.T
            y = torch.arange(len(part))
            loss = (F.cross_entropy(s, y) + F.cross_entropy(s.T, y)) / 2
            opt.zero_grad(); loss.backward(); opt.step()
            total += loss.item(); n += 1
    if epoch % 3 == 0:
        print("epoch %2d loss %.3f scale %.1f  recall@1 train(100) %.3f test %.3f" % (
            epoch, total / n, log_t.exp().item(), recall_at_1(train_products[:100]), recall_at_1(test_products)))
print("final recall@1: train(100) %.3f test(100) %.3f" % (recall_at_1(train_products[:100]), recall_at_1(test_products)))
