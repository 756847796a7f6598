"""Chunking of timestamps in log lines with a linear-chain CRF written by hand.  Token features are fixed random
projections of hashed character shapes; only the emission layer and the transitions are learned."""
import random
import zlib
import torch
import torch.nn as nn

random.seed(53)
torch.manual_seed(53)
TAGS = ["B-DATE", "I-DATE", "O"]
MON = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
WORDS = "daemon started with pid port closed after seconds user root session May March opened 12 404 7".split()


def line():
    toks = [(random.choice(WORDS), 2) for _ in range(random.randint(2, 7))]
    d = [random.choice(MON), str(random.randint(1, 28))] + ([f"{random.randint(0, 23):02d}:{random.randint(0, 59):02d}"] if random.random() < .6 else [])
    if random.random() < 0.3:
        d = d[1::-1] + d[2:]
    p = random.randint(0, len(toks))
    return toks[:p] + [(w, 0 if i == 0 else 1) for i, w in enumerate(d)] + toks[p:]


def feats(w):
    shape = "".join("9" if c.isdigit() else "A" if c.isupper() else "a" if c.islower() else c for c in w)
    return [zlib.crc32(f.encode()) % 997 for f in ("w=" + w, "s=" + shape, "p=" + w[:2], "n=%d" % len(w))]


class RandomFeatures(nn.Module):
    def __init__(self, dim=64):
        super().__init__()
        self.table = nn.Embedding(997, dim)
        self.table.weight.requires_grad_(False)
        self.emit = nn.Linear(3 * dim, len(TAGS))
        self.trans = nn.Parameter(torch.zeros(len(TAGS), len(TAGS)))
        self.begin = nn.Parameter(torch.zeros(len(TAGS)))

    def emissions(self, f):
        e = self.table(f).mean(1)
        z = torch.zeros(1, e.size(1))
        return self.emit(torch.cat([e, torch.cat([z, e[:-1]]), torch.cat([e[1:], z])], 1))

    def nll(self, f, y):
        em = self.emissions(f)
        gold = self.begin[y[0]] + em.gather(1, y[:, None]).sum() + self.trans[y[:-1], y[1:]].sum()
        alpha = self.begin + em[0]
        for t in range(1, len(em)):
            alpha = torch.logsumexp(alpha[:, None] + self.trans, 0) + em[t]
        return torch.logsumexp(alpha, 0) - gold

    @torch.no_grad()
    def viterbi(self, f):
        em = self.emissions(f)
        best, back = self.begin + em[0], []
        for t in range(1, len(em)):
            s, i = (best[:, None] + self.trans).max(0)
            back.append(i)
            best = s + em[t]
        path = [int(best.argmax())]
        for i in reversed(back):
            path.append(int(i[path[-1]]))
        return path[::-1]


def enc(row):
    return torch.tensor([feats(w) for w, _ in row]), torch.tensor([t for _, t in row])


rows = [enc(line()) for _ in range(700)]
train, dev = rows[:500], rows[500:]
net = RandomFeatures()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)
for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 10):
        part = train[i:i + 10]
        loss = torch.stack([net.nll(f, y) for f, y in part]).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    whole = sum(net.viterbi(f) == y.tolist() for f, y in dev) / len(dev)
    print(f"epoch {epoch} nll {total / 50:.3f} lines fully right {whole:.3f}")
