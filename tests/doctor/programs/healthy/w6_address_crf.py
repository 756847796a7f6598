# linear-chain CRF that splits postal addresses into fields (course project), variable lengths, one mask everywhere
import random
import torch
from torch import nn

random.seed(13)
torch.manual_seed(13)
TAGS = ["NAME", "STREET", "NUM", "ZIP", "CITY", "COUNTRY"]
FIRST = "anna peter maria john lena tom sara paul nina mark rose".split()
LAST = "smith miller rose church berlin park hill stone wells young".split()
STREET = "church park hill king rose station mill oak stone london".split()
KIND = "street road lane avenue square".split()
CITY = "london berlin wells paris king oak madrid york lyon bath".split()
LAND = "england germany france spain ireland".split()


def address():
    r = random
    parts = [(r.choice(FIRST), 0), (r.choice(LAST), 0)]
    if r.random() < .3:
        parts.insert(1, (r.choice(LAST), 0))
    street = [(r.choice(STREET), 1)] + ([(r.choice(STREET), 1)] if r.random() < .3 else []) + ([(r.choice(KIND), 1)] if r.random() < .92 else [])
    num = [("<num>", 2)]
    parts += street + num if r.random() < .5 else num + street
    place = ([("new", 4)] if r.random() < .2 else []) + [(r.choice(CITY), 4)]
    z = [("<num>", 3)]
    parts += (z + place if r.random() < .5 else place + z) if r.random() < .8 else place
    if r.random() < .6:
        parts += [(r.choice(LAND), 5)]
    return parts


train, dev = [address() for _ in range(2000)], [address() for _ in range(300)]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for a in train for w, _ in a}))}


def tensors(batch):
    T = max(map(len, batch))
    x, y, m = torch.zeros(3, len(batch), T, dtype=torch.long)
    for b, a in enumerate(batch):
        for t, (w, k) in enumerate(a):
            x[b, t], y[b, t], m[b, t] = vocab.get(w, 0), k, 1
    return x, y, m.bool()


class CRF(nn.Module):
    def __init__(self, n_words, n_tags, d=16):
        super().__init__()
        self.emb = nn.Embedding(n_words, d)
        self.emit = nn.Linear(3 * d, n_tags)
        self.trans = nn.Parameter(torch.zeros(n_tags, n_tags))
        self.begin = nn.Parameter(torch.zeros(n_tags))
        self.stop = nn.Parameter(torch.zeros(n_tags))

    def scores(self, x, m):
        e = self.emb(x) * m.unsqueeze(-1)
        left = nn.functional.pad(e, (0, 0, 1, 0))[:, :-1]
        right = nn.functional.pad(e, (0, 0, 0, 1))[:, 1:]
        return self.emit(torch.cat([left, e, right], -1))

    def log_likelihood(self, x, y, m):
        s = self.scores(x, m)
        alpha, gold = self.begin + s[:, 0], self.begin[y[:, 0]] + s[:, 0].gather(1, y[:, :1]).squeeze(1)
        for t in range(1, x.size(1)):
            nxt = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + s[:, t]
            step = self.trans[y[:, t - 1], y[:, t]] + s[:, t].gather(1, y[:, t:t + 1]).squeeze(1)
            on = m[:, t]
            alpha, gold = torch.where(on.unsqueeze(1), nxt, alpha), gold + step * on
        last = y.gather(1, m.sum(1, keepdim=True) - 1).squeeze(1)
        return gold + self.stop[last] - torch.logsumexp(alpha + self.stop, 1)

    @torch.no_grad()
    def viterbi(self, words):
        x = torch.tensor([[vocab.get(w, 0) for w in words]])
        s = self.scores(x, torch.ones_like(x).bool())[0]
        d, back = self.begin + s[0], []
        for t in range(1, len(words)):
            best, arg = (d.unsqueeze(1) + self.trans).max(0)
            d = best + s[t]
            back.append(arg)
        path = [int((d + self.stop).argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


def quality(rows):
    tok = seq = n = 0
    for a in rows:
        hyp = crf.viterbi([w for w, _ in a])
        right = [h == k for h, (_, k) in zip(hyp, a)]
        tok += sum(right); n += len(a); seq += all(right)
    return "tokens %.3f addresses %.3f" % (tok / n, seq / len(rows))


crf = CRF(len(vocab) + 1, len(TAGS))
opt = torch.optim.Adam(crf.parameters(), lr=0.02)
for epoch in range(3):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 60):
        ll = crf.log_likelihood(*tensors(train[i:i + 60]))
        opt.zero_grad()
        (-ll.mean()).backward()
        opt.step()
        total += ll.sum().item()
    print("epoch", epoch, "mean log-likelihood %.3f" % (total / len(train)), "dev", quality(dev))
print("train", quality(train[:300]))
