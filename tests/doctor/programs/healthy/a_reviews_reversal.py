"""Domain adversarial training (Ganin et al. 2016): sentiment from labelled kitchen reviews, applied to unlabelled hotel reviews; a gradient reversal layer hides the domain."""
import math, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(51); torch.manual_seed(51)
GOOD = "great lovely excellent perfect happy wonderful recommend best".split()
BAD = "awful broken terrible poor sad worst refund disappointed".split()
DOM = [("pan blender knife lid oven handle recipe dishwasher".split(), ["sharp", "sturdy"], ["rusty", "leaking"]),
       ("room bed lobby breakfast staff pool balcony elevator".split(), ["clean", "quiet"], ["noisy", "dirty"])]
FILL = "the a was and it is we i very this that with our for to".split()


def review(dom, y):
    topic, g, b = DOM[dom]
    own, other = (GOOD, BAD) if y else (BAD, GOOD)
    w = random.choices(topic, k=random.randint(2, 4)) + random.choices(FILL, k=random.randint(4, 9))
    w += random.choices(own, k=random.randint(1, 3)) + (random.choices(other, k=1) if random.random() < .15 else [])
    if random.random() < .6: w.append(random.choice(g if y else b))
    random.shuffle(w)
    return " ".join(w)


def make(dom, n):
    out = {}
    while len(out) < n:
        y = random.randrange(2); out[review(dom, y)] = y
    out = list(out.items()); random.shuffle(out)
    return out


source, target = make(0, 1800), make(1, 1800)
src_tr, src_te, tgt_tr, tgt_te = source[:1500], source[1500:], target[:1500], target[1500:]
ix = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in src_tr + tgt_tr for w in t.split()}))}


def enc(rows):
    n = max(len(t.split()) for t, _ in rows)
    return torch.tensor([[ix.get(w, 0) for w in t.split()] + [0] * (n - len(t.split())) for t, _ in rows]), torch.tensor([y for _, y in rows])


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, lam):
        ctx.lam = lam
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return -ctx.lam * g, None


class DANN(nn.Module):
    def __init__(self, d=32, h=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(ix) + 1, d, mode="mean", padding_idx=0)
        self.feat = nn.Sequential(nn.Linear(d, h), nn.ReLU())
        self.sent = nn.Linear(h, 2)
        self.dom = nn.Sequential(nn.Linear(h, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, x, lam=0.):
        f = self.feat(self.bag(x))
        return self.sent(f), self.dom(Reverse.apply(f, lam))


Xs, ys = enc(src_tr); Xt, _ = enc(tgt_tr)
(Xse, yse), (Xte, yte) = enc(src_te), enc(tgt_te)
net = DANN()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
EPOCHS, BS = 12, 50
step, steps = 0, EPOCHS * len(Xs) // BS
for ep in range(EPOCHS):
    net.train()
    ps, pt = torch.randperm(len(Xs)).split(BS), torch.randperm(len(Xt)).split(BS)
    tot = dtot = 0.
    for i, j in zip(ps, pt):
        lam = 0.3 * (2 / (1 + math.exp(-10 * step / steps)) - 1)
        s, ds = net(Xs[i], lam)
        _, dt = net(Xt[j], lam)
        sent = F.cross_entropy(s, ys[i])
        dom = F.cross_entropy(torch.cat([ds, dt]), torch.cat([torch.zeros(len(i)), torch.ones(len(j))]).long())
        opt.zero_grad(); (sent + dom).backward(); opt.step()
        step += 1; tot += sent.item(); dtot += dom.item()
    net.eval()
    with torch.no_grad():
        a = (net(Xse)[0].argmax(1) == yse).float().mean().item()
        b = (net(Xte)[0].argmax(1) == yte).float().mean().item()
        d = torch.cat([net(Xse)[1].argmax(1) == 0, net(Xte)[1].argmax(1) == 1]).float().mean().item()
    print(f"epoch {ep} sentiment loss {tot / 30:.3f} domain loss {dtot / 30:.3f} | kitchen {a:.3f} hotel {b:.3f} domain guessed {d:.3f}")
