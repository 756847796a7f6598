# DANN on made-up shop reviews: sentiment is labelled for books only; kitchen reviews come without labels.
# Gradient reversal, so the domain loss is meant to stay near log 2.
import math, random
import torch
import torch.nn as nn

random.seed(6); torch.manual_seed(6)
POS = ["great", "love", "perfect", "nice", "happy", "superb", "enjoyed", "recommend", "excellent", "wonderful"]
NEG = ["awful", "hate", "broken", "boring", "refund", "waste", "poor", "terrible", "disappointed", "worse"]
BOOK = ["chapter", "author", "plot", "pages", "novel", "ending", "characters", "cover", "story", "reading"]
KITCHEN = ["pan", "knife", "oven", "handle", "blender", "lid", "steel", "plate", "cooking", "kettle"]
COMMON = ["the", "it", "was", "i", "bought", "this", "really", "very", "and", "for", "my", "so", "a", "with"]
ALL = ["<pad>"] + POS + NEG + BOOK + KITCHEN + COMMON
IDX = {w: i for i, w in enumerate(ALL)}


def review(dom):
    y = random.random() < 0.5
    w = random.choices(COMMON, k=random.randint(3, 8)) + random.choices(dom, k=3) + random.choices(POS if y else NEG, k=2)
    if random.random() < 0.3:
        w.append(random.choice(NEG if y else POS))
    random.shuffle(w)
    return [IDX[t] for t in w], int(y)


def pack(rows):
    m = max(len(r[0]) for r in rows)
    return torch.tensor([r[0] + [0] * (m - len(r[0])) for r in rows]), torch.tensor([r[1] for r in rows])


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, h, lam):
        ctx.lam = lam
        return h.view_as(h)

    @staticmethod
    def backward(ctx, g):
        return -ctx.lam * g, None


class DANN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ALL), 16, padding_idx=0)
        self.f = nn.Sequential(nn.Linear(16, 16), nn.Tanh())
        self.label = nn.Linear(16, 2)
        self.domain = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, x, lam=0.0):
        n = (x > 0).sum(1, keepdim=True)
        h = self.f(self.emb(x).sum(1) / n.sqrt())
        return self.label(h), self.domain(Reverse.apply(h, lam))


src, tgt = [review(BOOK) for _ in range(3000)], [review(KITCHEN) for _ in range(3000)]
src_test, tgt_test = pack([review(BOOK) for _ in range(600)]), pack([review(KITCHEN) for _ in range(600)])
net, ce = DANN(), nn.CrossEntropyLoss()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for ep in range(5):
    net.train()
    random.shuffle(src); random.shuffle(tgt)
    lam = 2 / (1 + math.exp(-10 * (ep + 1) / 5)) - 1
    ls = ld = 0.0
    for i in range(0, 3000, 50):
        xs, ys = pack(src[i:i + 50])
        xt, _ = pack(tgt[i:i + 50])                      # labels of the target side are never used
        out, ds = net(xs, 0.3 * lam)
        _, dt = net(xt, 0.3 * lam)
        l1 = ce(out, ys)
        l2 = ce(torch.cat([ds, dt]), torch.cat([torch.zeros(len(ds)), torch.ones(len(dt))]).long())
        opt.zero_grad(); (l1 + l2).backward(); opt.step()
        ls += l1.item() / 60; ld += l2.item() / 60
    net.eval()
    with torch.no_grad():
        a, b = [(net(x)[0].argmax(1) == y).float().mean().item() for x, y in (src_test, tgt_test)]
    print(f"epoch {ep} label loss {ls:.3f} domain loss {ld:.3f} (log 2 = 0.693)  books {a:.3f}  kitchen {b:.3f}")
