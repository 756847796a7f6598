"""Next song in a listening session: GRU, sampled softmax with log-uniform candidates and the logQ correction."""
import math
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(44)
torch.manual_seed(44)
V, G = 1500, 25                     # songs (sorted by popularity), genres
genre = [random.randrange(G) for _ in range(V)]
by_genre = [[s for s in range(V) if genre[s] == g] for g in range(G)]
follows = {s: random.sample(by_genre[genre[s]], min(3, len(by_genre[genre[s]]))) for s in range(V)}
zipf = [[1 / (s + 10) for s in by_genre[g]] for g in range(G)]


def session():
    g = random.randrange(G)
    out = [random.choices(by_genre[g], zipf[g])[0]]
    for _ in range(random.randint(6, 14)):
        if random.random() < .75:
            out.append(random.choice(follows[out[-1]]))
        else:
            out.append(random.choices(by_genre[g], zipf[g])[0])
    return out


sessions = [session() for _ in range(6300)]
train, dev = sessions[:6000], sessions[6000:]
PADID = V
ids = torch.arange(V)
logq = torch.log((torch.log(ids + 2.) - torch.log(ids + 1.)) / math.log(V + 1.))


def draw(n):
    return (torch.rand(n) * math.log(V + 1)).exp().long().sub(1).clamp(0, V - 1)


class Rec(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.song = nn.Embedding(V + 1, d, padding_idx=PADID)
        self.gru = nn.GRU(d, 64, batch_first=True)
        self.down = nn.Linear(64, d)
        self.outw = nn.Embedding(V, d)
        self.outb = nn.Embedding(V, 1)
        nn.init.normal_(self.outw.weight, std=.1)
        nn.init.zeros_(self.outb.weight)

    def states(self, x):
        return self.down(self.gru(self.song(x))[0])

    def sampled_loss(self, x, y, k=150):
        keep = y != PADID
        h, y = self.states(x)[keep], y[keep]
        neg = draw(k)
        pos = (h * self.outw(y)).sum(1) + self.outb(y)[:, 0] - logq[y]
        negs = h @ self.outw(neg).T + self.outb(neg)[:, 0] - logq[neg]
        negs = negs.masked_fill(neg[None] == y[:, None], -1e4)
        return F.cross_entropy(torch.cat([pos[:, None], negs], 1), torch.zeros(len(y), dtype=torch.long))


def batch(part):
    n = max(map(len, part))
    t = torch.tensor([s + [PADID] * (n - len(s)) for s in part])
    return t[:, :-1], t[:, 1:]


model = Rec()
opt = torch.optim.Adam(model.parameters(), lr=6e-3)


@torch.no_grad()
def recall(part, k=10):
    x, y = batch(part)
    keep = y != PADID
    s = model.states(x)[keep] @ model.outw.weight.T + model.outb.weight[:, 0]
    return (s.topk(k).indices == y[keep][:, None]).any(1).float().mean().item()


cnt = torch.bincount(torch.tensor(sum(train, [])), minlength=V)
x, y = batch(dev)
print("most popular recall@10 %.3f" % (y[y != PADID][:, None] == cnt.topk(10).indices).any(1).float().mean())
for epoch in range(6):
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 60):
        loss = model.sampled_loss(*batch(train[i:i + 60]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    for g in opt.param_groups:
        g["lr"] *= .65
    print("epoch %d sampled loss %.3f recall@10 train %.3f dev %.3f" % (epoch, tot / 100, recall(train[:300]), recall(dev)))
