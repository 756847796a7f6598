"""BIO chunking of ingredient lines with a linear-chain CRF written out (forward algorithm, Viterbi)."""
import random
import torch
import torch.nn as nn

random.seed(71)
torch.manual_seed(71)
TAGS = ["O", "B-QTY", "I-QTY", "B-ING", "I-ING"]
NUM, UNIT = ["one", "two", "three", "half", "quarter", "1", "2", "250", "500"], ["cup", "grams", "tablespoons", "ml", "pinch"]
ADJ = ["red", "fresh", "black", "dried", "sweet", "white", "ground", "whole"]
ING = ["pepper", "milk", "onion", "flour", "cabbage", "beans", "rice", "cinnamon", "basil"]
TAIL = ["chopped", "finely", "to", "taste", "for", "serving", "fresh", "whole", "optional", "ground"]


def ingredient():
    w, t = [], []

    def put(words, kind):
        w.extend(words)
        t.extend((["B-" + kind] + ["I-" + kind] * (len(words) - 1)) if kind else ["O"] * len(words))

    if random.random() < .85:
        put(random.sample(NUM, random.choice([1, 1, 2])) + ([random.choice(UNIT)] if random.random() < .7 else []), "QTY")
    if random.random() < .4:
        put(["of"], None)
    put(random.sample(ADJ, random.choice([0, 1, 1, 2])) + [random.choice(ING)], "ING")
    if random.random() < .3:
        put(["and"], None)
        put(random.sample(ADJ, random.choice([0, 1])) + [random.choice(ING)], "ING")
    put(random.sample(TAIL, random.randint(0, 3)), None)
    return tuple(w), tuple(t)


rows = list({r[0]: r for r in (ingredient() for _ in range(4200))}.values())
random.shuffle(rows)
train, dev = rows[:2400], rows[2400:2900]
ix = {w: i + 1 for i, w in enumerate(sorted({w for w, _ in rows for w in w}))}


class CRFTagger(nn.Module):
    def __init__(self, K=len(TAGS), d=24):
        super().__init__()
        self.emb = nn.Embedding(len(ix) + 1, d, padding_idx=0)
        self.conv = nn.Conv1d(d, 32, 3, padding=1)
        self.emit = nn.Linear(32, K)
        self.trans = nn.Parameter(torch.randn(K, K) * .05)     # from, to
        self.start = nn.Parameter(torch.zeros(K))
        self.stop = nn.Parameter(torch.zeros(K))

    def emissions(self, x):
        return self.emit(self.conv(self.emb(x).transpose(1, 2)).relu().transpose(1, 2))

    def nll(self, x, y):
        e, m = self.emissions(x), x > 0
        b = torch.arange(len(x))
        score = self.start[y[:, 0]] + e[b, 0, y[:, 0]]
        alpha = self.start + e[:, 0]
        for t in range(1, x.size(1)):
            score = score + (self.trans[y[:, t - 1], y[:, t]] + e[b, t, y[:, t]]) * m[:, t]
            new = torch.logsumexp(alpha[:, :, None] + self.trans, 1) + e[:, t]
            alpha = torch.where(m[:, t, None], new, alpha)
        last = y[b, m.sum(1) - 1]
        return (torch.logsumexp(alpha + self.stop, 1) - score - self.stop[last]).mean()

    @torch.no_grad()
    def decode(self, words):
        e = self.emissions(torch.tensor([[ix[w] for w in words]]))[0]
        v, back = self.start + e[0], []
        for t in range(1, len(e)):
            s = v[:, None] + self.trans
            back.append(s.argmax(0))
            v = s.max(0).values + e[t]
        k = int((v + self.stop).argmax())
        path = [k]
        for p in reversed(back):
            k = int(p[k])
            path.append(k)
        return [TAGS[k] for k in reversed(path)]


def spans(tags):
    out, i = set(), 0
    while i < len(tags):
        if tags[i][0] == "B":
            j = i + 1
            while j < len(tags) and tags[j] == "I" + tags[i][1:]:
                j += 1
            out.add((i, j, tags[i][2:]))
            i = j
        else:
            i += 1
    return out


def span_f1(part):
    tp = p = g = 0
    for w, t in part:
        a, b = spans(model.decode(w)), spans(t)
        tp, p, g = tp + len(a & b), p + len(a), g + len(b)
    return 2 * tp / max(1, p + g)


model = CRFTagger()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, .8)
print("before: dev span F1 %.3f" % span_f1(dev))
for epoch in range(6):
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 40):
        part = train[i:i + 40]
        n = max(len(w) for w, _ in part)
        x = torch.tensor([[ix[a] for a in w] + [0] * (n - len(w)) for w, _ in part])
        y = torch.tensor([[TAGS.index(a) for a in t] + [0] * (n - len(t)) for _, t in part])
        loss = model.nll(x, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    sched.step()
    print("epoch %d nll %.4f dev span F1 %.3f" % (epoch, tot / 60, span_f1(dev)))
print("train span F1 %.3f" % span_f1(train[:400]))
