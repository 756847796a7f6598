# Named-entity tagging with a hand-written linear-chain CRF. Everything is time-major: (T, B).
import random
import torch
import torch.nn as nn

torch.manual_seed(3); random.seed(3)
PER = ["anna", "peter", "maria", "jordan", "paris", "john"]
LAST = ["smith", "brown", "west", "york", "lee", "stone"]
LOC = ["paris", "jordan", "york", "berlin", "new", "west"]
CTX_P = ["mr", "mrs", "said", "told", "met"]
CTX_L = ["in", "near", "from", "to"]
OTHER = ["the", "a", "report", "today", "again", "then", "we", "they", "saw", "left", "and"]
TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def make():
    w, t = [], []
    for _ in range(random.randint(1, 2)):
        k = random.randint(1, 3)
        w += random.choices(OTHER, k=k); t += [0] * k
        if random.random() < .5:
            w += [random.choice(CTX_P), random.choice(PER)]; t += [0, 1]
            if random.random() < .6:
                w.append(random.choice(LAST)); t.append(2)
        else:
            w += [random.choice(CTX_L), random.choice(LOC)]; t += [0, 3]
            if random.random() < .4:
                w.append(random.choice(["west", "york", "stone"])); t.append(4)
    w.append("."); t.append(0)
    return tuple(w), tuple(t)


rows = sorted({make() for _ in range(1250)})
random.shuffle(rows)
tr, te = rows[:800], rows[800:]
w2i = {"<pad>": 0}
for w, _ in rows[:800]:
    for x in w:
        w2i.setdefault(x, len(w2i))


def collate(part):
    T = max(len(w) for w, _ in part)
    x = torch.zeros(T, len(part), dtype=torch.long)
    y = torch.zeros(T, len(part), dtype=torch.long)
    m = torch.zeros(T, len(part), dtype=torch.bool)
    for b, (w, t) in enumerate(part):
        x[:len(w), b] = torch.tensor([w2i.get(v, 0) for v in w])
        y[:len(t), b] = torch.tensor(t)
        m[:len(w), b] = True
    return x, y, m


class CRF(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.trans = nn.Parameter(torch.zeros(k, k))   # from, to
        self.begin = nn.Parameter(torch.zeros(k))

    def gold(self, em, y, m):
        s = self.begin[y[0]] + em[0].gather(1, y[0, :, None]).squeeze(1)
        for t in range(1, len(em)):
            step = self.trans[y[t - 1], y[t]] + em[t].gather(1, y[t, :, None]).squeeze(1)
            s = s + step * m[t]
        return s

    def partition(self, em, m):
        a = self.begin + em[0]
        for t in range(1, len(em)):
            n = torch.logsumexp(a[:, :, None] + self.trans[None], 1) + em[t]
            a = torch.where(m[t][:, None], n, a)
        return torch.logsumexp(a, 1)

    def viterbi(self, em, m):
        a, back = self.begin + em[0], []
        ident = torch.arange(em.shape[2]).expand(em.shape[1], -1)
        for t in range(1, len(em)):
            best, arg = (a[:, :, None] + self.trans[None]).max(1)
            back.append(torch.where(m[t][:, None], arg, ident))
            a = torch.where(m[t][:, None], best + em[t], a)
        path = [a.argmax(1)]
        for b in reversed(back):
            path.append(b.gather(1, path[-1][:, None]).squeeze(1))
        return torch.stack(path[::-1])


emb = nn.Embedding(len(w2i), 16, padding_idx=0)
lin = nn.Linear(16, 5)
crf = CRF(5)
params = [*emb.parameters(), *lin.parameters(), *crf.parameters()]
opt = torch.optim.Adam(params, lr=.04)
sch = torch.optim.lr_scheduler.ExponentialLR(opt, .6)
for ep in range(5):
    random.shuffle(tr)
    tot = 0.
    for i in range(0, len(tr), 50):
        x, y, m = collate(tr[i:i + 50])
        em = lin(emb(x))
        nll = (crf.partition(em, m) - crf.gold(em, y, m)).sum() / m.sum()
        opt.zero_grad(); nll.backward(); opt.step()
        tot += nll.item()
    sch.step()
    print("epoch", ep, "nll per token", round(tot / (len(tr) / 50), 4))


@torch.no_grad()
def report(part, name):
    x, y, m = collate(part)
    p = crf.viterbi(lin(emb(x)), m)
    ent = m & (y > 0)
    both = (m & (p > 0)).sum().item()
    hit = ((p == y) & ent).sum().item()
    f1 = 2 * hit / (both + ent.sum().item())
    print(name, "token acc %.3f" % ((p == y)[m].float().mean().item()), "entity token F1 %.3f" % f1)


report(tr, "train"); report(te, "test")
print("transition O->I-PER", round(crf.trans[0, 2].item(), 2), "B-PER->I-PER", round(crf.trans[1, 2].item(), 2))
