# Linear-chain CRF written from scratch: split postal addresses into NUMBER / STREET / CITY / ZIP / COUNTRY.
# I got tired of regexes for the orders of my tiny web shop.
import random
from collections import Counter

import torch
from torch import nn

random.seed(99)
torch.manual_seed(99)
TAGS = ["NUM", "STR", "ZIP", "CITY", "CTRY"]
tid = {t: i for i, t in enumerate(TAGS)}
first = "king green rose mill church long new old san porto santa linden birken haupt bad saint west north".split()
street = "street road lane strasse avenue rua calle weg".split()
second = "ville field bridge dorf stadt haven bury mar rios".split()
country = ["germany", "portugal", "spain", "ireland", "united kingdom", "south africa", "new zealand"]


def address():
    s = [(w, "STR") for w in random.sample(first, random.randint(1, 2)) + [random.choice(street)]]
    n = [(str(random.randint(1, 299)), "NUM")]
    z = [(str(random.randint(100, 99999)), "ZIP")]
    c = [(w, "CITY") for w in random.sample(first, random.randint(0, 1)) + [random.choice(first) + random.choice(second)]]
    k = [(w, "CTRY") for w in random.choice(country).split()] if random.random() < .6 else []
    return (n + s if random.random() < .5 else s + n) + (z + c if random.random() < .5 else c + z) + k


def shape(w):
    return "d" * len(w) if w.isdigit() else w


data = {}
while len(data) < 1300:
    a = address()
    data[tuple(w for w, _ in a)] = a
data = list(data.values())
train, test = data[:1000], data[1000:]
counts = Counter(shape(w) for a in train for w, _ in a)
vocab = {"<pad>": 0, "<rare>": 1}
for w, n in counts.items():
    if n >= 2:
        vocab[w] = len(vocab)


def batchify(part):
    T = max(map(len, part))
    x = torch.zeros(T, len(part), dtype=torch.long)       # time first
    y = torch.zeros(T, len(part), dtype=torch.long)
    m = torch.zeros(T, len(part), dtype=torch.bool)
    for b, a in enumerate(part):
        for t, (w, g) in enumerate(a):
            x[t, b], y[t, b], m[t, b] = vocab.get(shape(w), 1), tid[g], True
    return x, y, m


class CRFTagger(nn.Module):
    def __init__(self, d=16, n=len(TAGS)):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d, padding_idx=0)
        self.score = nn.Linear(3 * d, n)                   # word and both neighbours
        self.trans = nn.Parameter(torch.zeros(n, n))       # [from, to]
        self.start = nn.Parameter(torch.zeros(n))

    def emissions(self, x):
        e = self.emb(x)
        edge = torch.zeros_like(e[:1])
        return self.score(torch.cat([torch.cat([edge, e[:-1]]), e, torch.cat([e[1:], edge])], 2))

    def nll(self, x, y, m):
        em = self.emissions(x)
        alpha = self.start + em[0]
        gold = self.start[y[0]] + em[0].gather(1, y[0, :, None])[:, 0]
        for t in range(1, len(x)):
            nxt = torch.logsumexp(alpha[:, :, None] + self.trans, dim=1) + em[t]
            alpha = torch.where(m[t, :, None], nxt, alpha)
            gold = gold + (self.trans[y[t - 1], y[t]] + em[t].gather(1, y[t, :, None])[:, 0]) * m[t]
        return (torch.logsumexp(alpha, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, words):
        em = self.emissions(torch.tensor([[vocab.get(shape(w), 1)] for w in words]))[:, 0]
        best, back = self.start + em[0], []
        for e in em[1:]:
            s, arg = (best[:, None] + self.trans).max(0)
            best = s + e
            back.append(arg)
        path = [int(best.argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


tagger = CRFTagger()
opt = torch.optim.Adam(tagger.parameters(), lr=0.02)
sched = torch.optim.lr_scheduler.StepLR(opt, 3, 0.3)
for epoch in range(6):
    random.shuffle(train)
    total = 0
    for i in range(0, len(train), 25):
        loss = tagger.nll(*batchify(train[i:i + 25]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    sched.step()
    with torch.no_grad():
        held = tagger.nll(*batchify(test)).item()
    print(f"epoch {epoch} nll/sentence train {total / (len(train) / 25):.3f} test {held:.3f}")

right = [tagger.viterbi([w for w, _ in a]) == [tid[g] for _, g in a] for a in test]
print("addresses parsed without any mistake:", sum(right) / len(right))
