# Linear-chain CRF with forward algorithm and Viterbi, on BIO-like tags of a made-up log language.
import random
import torch
import torch.nn as nn

random.seed(12); torch.manual_seed(12)
TAGS = ["O", "B", "I"]
OPEN, INNER, PLAIN = range(1, 9), range(9, 29), range(21, 49)    # ids 21..28 are ambiguous: inner or plain
V, B = 49, 50

def sentence():
    toks, tags = [], []
    while len(toks) < random.randint(5, 12):
        if random.random() < .35:
            toks.append(random.choice(OPEN)); tags.append(1)
            for _ in range(random.randint(1, 3)):
                toks.append(random.choice(INNER)); tags.append(2)
        for _ in range(random.randint(1, 2)):
            toks.append(random.choice(PLAIN)); tags.append(0)
    return toks, tags

def batch(rows):
    T = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), T, dtype=torch.long); y = torch.zeros_like(x)
    for i, (a, b) in enumerate(rows):
        x[i, :len(a)] = torch.tensor(a); y[i, :len(b)] = torch.tensor(b)
    return x, y, x > 0

class CRF(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.trans = nn.Parameter(torch.zeros(k, k))
        self.start = nn.Parameter(torch.zeros(k))

    def gold(self, e, y, m):
        s = self.start[y[:, 0]] + e.gather(2, y[..., None])[..., 0].mul(m).sum(1)
        return s + (self.trans[y[:, :-1], y[:, 1:]] * m[:, 1:]).sum(1)

    def log_z(self, e, m):
        a = self.start + e[:, 0]
        for t in range(1, e.size(1)):
            nxt = torch.logsumexp(a[:, :, None] + self.trans + e[:, t, None, :], 1)
            a = torch.where(m[:, t, None], nxt, a)
        return a.logsumexp(1)

    def viterbi(self, e, m):
        out = []
        for ei, mi in zip(e, m):
            ei, back = ei[mi], []
            a = self.start + ei[0]
            for row in ei[1:]:
                best, arg = (a[:, None] + self.trans).max(0)
                back.append(arg); a = best + row
            path = [int(a.argmax())]
            for arg in reversed(back):
                path.append(int(arg[path[-1]]))
            out.append(path[::-1])
        return out

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 12, padding_idx=0)
        self.fc = nn.Linear(24, len(TAGS))           # the word and the one before it
        self.crf = CRF(len(TAGS))

    def emissions(self, x):
        e = self.emb(x)
        prev = torch.cat([torch.zeros_like(e[:, :1]), e[:, :-1]], 1)
        return self.fc(torch.cat([e, prev], -1))

    def loss(self, x, y, m):
        e = self.emissions(x)
        return (self.crf.log_z(e, m) - self.crf.gold(e, y, m)).sum() / m.sum()

data = [sentence() for _ in range(2300)]
train, dev = data[:2000], data[2000:]
net = Tagger()
opt = torch.optim.Adam([{"params": list(net.emb.parameters()) + list(net.fc.parameters()), "lr": .02},
                        {"params": net.crf.parameters(), "lr": .05}])
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)

@torch.no_grad()
def score(rows):
    x, y, m = batch(rows)
    paths = net.crf.viterbi(net.emissions(x), m)
    hit = sum(p == q for path, (_, tags) in zip(paths, rows) for p, q in zip(path, tags))
    return hit / sum(len(t) for t, _ in rows)

for ep in range(6):
    random.shuffle(train); s = 0.
    for k in range(0, len(train), B):
        loss = net.loss(*batch(train[k:k + B]))
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item()
    sched.step()
    print("epoch", ep, "nll/token %.4f" % (s * B / len(train)), "dev tag acc %.4f" % score(dev))
print("train tag acc %.4f" % score(train[:300]), "| all-O acc %.4f" % (sum(t.count(0) for _, t in dev) / sum(len(t) for _, t in dev)))
print("transitions", [[round(v, 1) for v in r] for r in net.crf.trans.tolist()])
