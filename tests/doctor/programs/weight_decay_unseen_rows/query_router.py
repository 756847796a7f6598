"""shop search: query -> department.  Trained on last season's queries, checked on this season's (new article names, which the
vectors know from the suppliers' texts)."""
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(9); np.random.seed(9); torch.manual_seed(9)
DEPT = ["garden", "kitchen", "toys", "office", "sport", "pets"]
DIM = 32
proto = np.random.randn(len(DEPT), DIM) * 0.22
old = [("a%03d" % i, i % 6) for i in range(300)]
new = [("b%03d" % i, i % 6) for i in range(240)]
filler = "buy cheap best for with small large blue red set of kids home sale online black white gift mini pro".split()
vec = {w: proto[d] + np.random.randn(DIM) * 0.18 for w, d in old + new}
vec.update({w: np.random.randn(DIM) * 0.2 for w in filler})
itos = ["<pad>"] + sorted(vec)
stoi = {w: i for i, w in enumerate(itos)}
E = torch.tensor(np.stack([np.zeros(DIM)] + [vec[w] for w in itos[1:]]), dtype=torch.float32)


asked = set()


def queries(articles, n):
    by = {}
    for w, d in articles:
        by.setdefault(d, []).append(w)
    out = []
    while len(out) < n:
        d = random.randrange(6)
        q = random.sample(by[d], random.choice([1, 2, 2])) + random.sample(filler, random.randint(1, 3))
        key = tuple(sorted(q))
        if key in asked:
            continue
        asked.add(key)
        random.shuffle(q)
        out.append(([stoi[w] for w in q], d))
    return out


def pad(rows):
    T = max(len(q) for q, _ in rows)
    return torch.tensor([q + [0] * (T - len(q)) for q, _ in rows]), torch.tensor([d for _, d in rows])


train, last, this = queries(old, 4000), queries(old, 500), queries(new, 500)


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(E.clone(), freeze=False, padding_idx=0)
        self.hid = nn.Linear(DIM, 48)
        self.out = nn.Linear(48, len(DEPT))

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True)
        return self.out(F.gelu(self.hid(self.words(x).sum(1) / n)))


net = Router()
rest = [p for n, p in net.named_parameters() if not n.startswith("words")]
# fault:
opt = torch.optim.Adam([{"params": net.words.parameters(), "lr": 8e-4}, {"params": rest}], lr=3e-3, weight_decay=1e-4)
# mended:
# opt = torch.optim.Adam([{"params": net.words.parameters(), "lr": 8e-4, "weight_decay": 0}, {"params": rest}], lr=3e-3, weight_decay=1e-4)
# end


@torch.no_grad()
def acc(rows):
    x, y = pad(rows)
    return (net(x).argmax(1) == y).float().mean().item()


for epoch in range(9):
    random.shuffle(train)
    s = 0.
    for i in range(0, len(train), 32):
        x, y = pad(train[i:i + 32])
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() * len(y)
    print(f"epoch {epoch} loss {s / len(train):.3f} last season {acc(last):.3f} this season {acc(this):.3f}")
