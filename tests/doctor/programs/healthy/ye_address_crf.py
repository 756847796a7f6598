"""Linear-chain CRF for address fields; forward algorithm and Viterbi written out. Emissions: window of three words."""
import random
import torch
from torch import nn

rnd = random.Random(55)
torch.manual_seed(55)
TAGS = ["O", "B-NAME", "I-NAME", "B-STREET", "I-STREET", "B-CITY", "I-CITY"]
NAMES = [f"{c}{s}" for c in "ABCDEFGHJK" for s in ("nna", "lex", "rik", "ola")]
CITY = [f"{c}{s}" for c in "LMNPRSTVWZ" for s in ("ford", "burg", "ton")]
SHARED = ["Park", "Hill", "King", "Rose", "Lake", "North"]       # may stand in any field
FILL = "please send it to at the in near deliver for parcel via order from".split()


def example():
    w, t = [], []

    def put(words, tag):
        for i, x in enumerate(words):
            w.append(x); t.append(TAGS.index(tag if tag == "O" else ("I-" if i else "B-") + tag))

    pick = rnd.choice
    put(rnd.choices(FILL, k=rnd.randint(1, 3)), "O")
    put([pick(NAMES), pick(NAMES + SHARED)] if rnd.random() < .7 else [pick(NAMES)], "NAME")
    put(rnd.choices(FILL, k=rnd.randint(0, 2)), "O")
    put([str(rnd.randint(1, 99))] + rnd.choices(SHARED, k=rnd.randint(1, 2)) + [pick(["St", "Rd", "Ave"])], "STREET")
    if rnd.random() < .5: put([","], "O")
    put(([pick(SHARED)] if rnd.random() < .5 else []) + [pick(CITY)], "CITY")
    put(rnd.choices(FILL, k=rnd.randint(0, 2)), "O")
    return tuple("0" if x.isdigit() else x for x in w), t


data = {}
while len(data) < 1900:
    w, t = example(); data[w] = t
data = list(data.items())
train, test = data[:1500], data[1500:]
ix = {x: i + 1 for i, x in enumerate(sorted({x for w, _ in train for x in w}))}
K = len(TAGS)


def tensorise(rows):
    n = max(len(w) for w, _ in rows)
    X, Y, M = torch.zeros(len(rows), n + 2, dtype=torch.long), torch.zeros(len(rows), n, dtype=torch.long), torch.zeros(len(rows), n)
    for r, (w, t) in enumerate(rows):
        X[r, 1:len(w) + 1] = torch.tensor([ix[x] for x in w])
        Y[r, :len(w)] = torch.tensor(t); M[r, :len(w)] = 1
    return X, Y, M


class WindowCRF(nn.Module):
    def __init__(self, d=16, h=32):
        super().__init__()
        self.emb = nn.Embedding(len(ix) + 1, d)        # index 0: beyond the edge of the sentence
        self.hid, self.emit = nn.Linear(3 * d, h), nn.Linear(h, K)
        self.trans = nn.Parameter(torch.zeros(K, K))   # from, to
        self.first = nn.Parameter(torch.zeros(K))

    def emissions(self, X):
        e = self.emb(X)
        return self.emit(torch.tanh(self.hid(torch.cat([e[:, :-2], e[:, 1:-1], e[:, 2:]], -1))))

    def nll(self, X, Y, M):
        e = self.emissions(X)
        a = self.first + e[:, 0]
        for t in range(1, e.size(1)):
            nxt = torch.logsumexp(a.unsqueeze(2) + self.trans, 1) + e[:, t]
            a = torch.where(M[:, t, None] > 0, nxt, a)
        gold = self.first[Y[:, 0]] + (e.gather(2, Y.unsqueeze(2)).squeeze(2) * M).sum(1) + (self.trans[Y[:, :-1], Y[:, 1:]] * M[:, 1:]).sum(1)
        return (torch.logsumexp(a, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, X, M):
        e, paths = self.emissions(X), []
        for i, n in enumerate(M.sum(1).int().tolist()):
            v, back = self.first + e[i, 0], []
            for t in range(1, n):
                best, arg = (v.unsqueeze(1) + self.trans).max(0)
                v = best + e[i, t]; back.append(arg)
            tag = v.argmax().item(); path = [tag]
            for arg in reversed(back):
                tag = arg[tag].item(); path.append(tag)
            paths.append(path[::-1])
        return paths


def sentence_accuracy(model, rows):
    X, _, M = tensorise(rows)
    return sum(p == t for p, (_, t) in zip(model.viterbi(X, M), rows)) / len(rows)


crf = WindowCRF()
opt = torch.optim.Adam(crf.parameters(), lr=1e-2)
for epoch in range(5):
    rnd.shuffle(train)
    tot = 0.0
    if epoch == 3: opt.param_groups[0]["lr"] = 3e-3
    for s in range(0, len(train), 30):
        loss = crf.nll(*tensorise(train[s:s + 30]))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    print(f"epoch {epoch}: nll per sentence {tot / (len(train) / 30):.4f}; whole sentences right: train {sentence_accuracy(crf, train[:200]):.3f} test {sentence_accuracy(crf, test[:200]):.3f}")
print("transition O -> I-CITY %.2f, B-CITY -> I-CITY %.2f" % (crf.trans[0, 6].item(), crf.trans[5, 6].item()))
