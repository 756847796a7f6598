# Street addresses -> house number / street / city / postcode / country, linear-chain CRF on top of window features.
# Forward algorithm and Viterbi are written out; every address ends in an explicit end state.
import random
import torch
from torch import nn

random.seed(4)
torch.manual_seed(4)
TAGS = ["NUM", "STREET", "CITY", "CODE", "COUNTRY"]
FIRST = "rose green hill station church mill park victoria king north london river oak berlin boston".split()
KIND = "street road lane avenue way".split()
CITIES = ["london", "green hill", "boston", "berlin", "north park", "oxford", "mill town", "victoria", "king city"]
COUNTRIES = ["uk", "united kingdom", "germany", "usa", "canada"]


def code():
    return random.choice([["%05d" % random.randrange(99999)], ["ab%d" % random.randrange(30), "%dxy" % random.randrange(9)]])


def address():
    num = [str(random.randrange(1, 400)) + random.choice(["", "", "a"])]
    street = random.sample(FIRST, random.choice([1, 1, 2])) + ([random.choice(KIND)] if random.random() < 0.8 else [])
    city, country = random.choice(CITIES).split(), random.choice(COUNTRIES).split()
    parts = {"NUM": num, "STREET": street, "CITY": city, "CODE": code(), "COUNTRY": country}
    order = random.choice([["NUM", "STREET", "CITY", "CODE", "COUNTRY"], ["STREET", "NUM", "CODE", "CITY", "COUNTRY"],
                           ["NUM", "STREET", "CITY", "CODE"], ["STREET", "NUM", "CODE", "CITY"]])
    return tuple((w, t) for t in order for w in parts[t])


def shape(w):
    if any(c.isdigit() for c in w):
        return "".join("9" if c.isdigit() else "x" for c in w)
    return w


def scan(r):                                       # the scanner leaves one word in ten illegible
    return tuple((w if random.random() > 0.1 else "~", t) for w, t in r)


rows = {}
while len(rows) < 1600:                            # unique by what the model gets to see, not by the digits
    r = scan(address())
    rows.setdefault(" ".join(shape(w) for w, _ in r), r)
rows = list(rows.values())
train, test = rows[:1300], rows[1300:]

vocab = {"<s>": 0, "</s>": 1, "<unk>": 2}
for r in train:
    for w, _ in r:
        vocab.setdefault(shape(w), len(vocab))


def encode(batch):
    L = max(len(r) for r in batch)
    x = torch.ones(len(batch), L + 4, dtype=torch.long)              # </s> to the right
    x[:, :2] = 0                                                    # <s> <s> to the left
    y = torch.zeros(len(batch), L, dtype=torch.long)
    for i, r in enumerate(batch):
        x[i, 2:2 + len(r)] = torch.tensor([vocab.get(shape(w), 2) for w, _ in r])
        y[i, :len(r)] = torch.tensor([TAGS.index(t) for _, t in r])
    return x, y, torch.tensor([len(r) for r in batch])


class WindowCRF(nn.Module):
    def __init__(self, V, K=len(TAGS), d=16):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        self.emit = nn.Sequential(nn.Linear(3 * d, 32), nn.Tanh(), nn.Linear(32, K))
        self.start, self.end = nn.Parameter(torch.zeros(K)), nn.Parameter(torch.zeros(K))
        self.trans = nn.Parameter(torch.zeros(K, K))

    def emissions(self, x):
        e = self.emb(x)
        return self.emit(torch.cat([e[:, 1:-3], e[:, 2:-2], e[:, 3:-1]], dim=-1))

    def nll(self, x, y, n):
        E = self.emissions(x)
        B, L, K = E.shape
        rows_ = torch.arange(B)
        inside = torch.arange(L)[None] < n[:, None]
        gold = (E.gather(2, y[..., None]).squeeze(2) * inside).sum(1) + self.start[y[:, 0]] + self.end[y[rows_, n - 1]]
        gold = gold + (self.trans[y[:, :-1], y[:, 1:]] * inside[:, 1:]).sum(1)
        a = self.start + E[:, 0]
        for t in range(1, L):
            nxt = torch.logsumexp(a.unsqueeze(2) + self.trans, dim=1) + E[:, t]
            a = torch.where(inside[:, t, None], nxt, a)
        return (torch.logsumexp(a + self.end, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, x, n):
        paths = []
        for E, k in zip(self.emissions(x), n.tolist()):
            score, back = self.start + E[0], []
            for t in range(1, k):
                best, arg = (score[:, None] + self.trans).max(0)
                score = best + E[t]
                back.append(arg)
            path = [int((score + self.end).argmax())]
            for arg in reversed(back):
                path.append(int(arg[path[-1]]))
            paths.append(path[::-1])
        return paths


def score(part):
    x, y, n = encode(part)
    good = [torch.tensor(p) == y[i, :len(p)] for i, p in enumerate(crf.viterbi(x, n))]
    return torch.cat(good).float().mean().item(), sum(bool(g.all()) for g in good) / len(good)


crf = WindowCRF(len(vocab))
opt = torch.optim.Adam(crf.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 2, gamma=0.4)
for epoch in range(5):
    random.shuffle(train)
    total = 0.0
    for s in range(0, len(train), 25):
        loss = crf.nll(*encode(train[s:s + 25]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    sched.step()
    print("epoch %d nll %.3f | train tok %.3f seq %.3f | test tok %.3f seq %.3f" % (epoch, total / (len(train) / 25), *score(train[:150]), *score(test)))
