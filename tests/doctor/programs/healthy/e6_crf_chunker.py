"""BIO chunking of a generated command language with a hand-written linear-chain CRF on top of a conv encoder."""
import random
import torch
import torch.nn as nn

random.seed(9)
torch.manual_seed(9)
TAGS = ["O", "B-TIME", "I-TIME", "B-NAME", "I-NAME"]
NAMES = [f"n{i}" for i in range(60)]
HOURS = [f"h{i}" for i in range(12)]
FILL = [f"w{i}" for i in range(50)]


def sentence():
    s = []
    for _ in range(random.randint(2, 4)):
        kind = random.random()
        if kind < .3:
            s += [("at", "O"), (random.choice(HOURS), "B-TIME")] + ([("pm", "I-TIME")] if random.random() < .5 else [])
        elif kind < .65:
            k = random.randint(1, 2)
            s += [(random.choice(["call", "tell"]), "O"), (random.choice(NAMES), "B-NAME")]
            s += [(random.choice(NAMES), "I-NAME") for _ in range(k - 1)]
        elif kind < .8:                                   # a number that is no time, a name that is no name
            s += [(random.choice(["room", "number"]), "O"), (random.choice(HOURS), "O")]
        else:
            s += [(random.choice(FILL), "O") for _ in range(random.randint(1, 3))]
    return tuple(s)


data = list(dict.fromkeys(sentence() for _ in range(1200)))
random.shuffle(data)
train, test = data[:-250], data[-250:]
vocab = {"<pad>": 0, "<unk>": 1}
for s in train:
    for w, _ in s:
        vocab.setdefault(w, len(vocab))


def batch(rows):
    T = max(map(len, rows))
    x, y, m = torch.zeros(len(rows), T, dtype=torch.long), torch.zeros(len(rows), T, dtype=torch.long), torch.zeros(len(rows), T, dtype=torch.bool)
    for i, s in enumerate(rows):
        x[i, :len(s)] = torch.tensor([vocab.get(w, 1) for w, _ in s])
        y[i, :len(s)] = torch.tensor([TAGS.index(t) for _, t in s])
        m[i, :len(s)] = True
    return x, y, m


class ConvCRF(nn.Module):
    def __init__(self, dim=32, n=len(TAGS)):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, 48, 3, padding=1)
        self.emit = nn.Linear(48, n)
        self.trans = nn.Parameter(torch.zeros(n, n))
        self.start = nn.Parameter(torch.zeros(n))

    def emissions(self, x):
        return self.emit(torch.relu(self.conv(self.emb(x).transpose(1, 2))).transpose(1, 2))

    def nll(self, x, y, m):
        e = self.emissions(x)
        gold = self.start[y[:, 0]] + e[:, 0].gather(1, y[:, :1]).squeeze(1)
        alpha = self.start + e[:, 0]
        for t in range(1, x.shape[1]):
            step = self.trans[y[:, t - 1], y[:, t]] + e[:, t].gather(1, y[:, t:t + 1]).squeeze(1)
            gold = gold + step * m[:, t]
            nxt = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + e[:, t]
            alpha = torch.where(m[:, t:t + 1], nxt, alpha)
        return (torch.logsumexp(alpha, 1) - gold).mean()

    @torch.no_grad()
    def decode(self, x, m):
        e, out = self.emissions(x), []
        for i in range(len(x)):
            L = int(m[i].sum())
            score, back = self.start + e[i, 0], []
            for t in range(1, L):
                best, arg = (score.unsqueeze(1) + self.trans).max(0)
                score = best + e[i, t]
                back.append(arg)
            path = [int(score.argmax())]
            for arg in reversed(back):
                path.append(int(arg[path[-1]]))
            out.append(path[::-1])
        return out


def spans(tags):
    res, cur = set(), None
    for i, t in enumerate(list(tags) + [0]):
        if t not in (2, 4) and cur:
            res.add((cur[0], i, cur[1]))
            cur = None
        if t in (1, 3):
            cur = (i, t)
    return res


def f1(model, rows):
    model.eval()
    x, y, m = batch(rows)
    tp = n_hyp = n_ref = 0
    for path, s in zip(model.decode(x, m), rows):
        h, r = spans(path), spans([TAGS.index(t) for _, t in s])
        tp, n_hyp, n_ref = tp + len(h & r), n_hyp + len(h), n_ref + len(r)
    model.train()
    return 2 * tp / max(1, n_hyp + n_ref)


model = ConvCRF()
opt = torch.optim.RMSprop(model.parameters(), lr=4e-3)
for epoch in range(4):
    random.shuffle(train)
    tot = 0.
    for i in range(0, len(train), 32):
        loss = model.nll(*batch(train[i:i + 32]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(train[i:i + 32])
    print("epoch %d nll %.3f span F1 train %.3f test %.3f" % (epoch + 1, tot / len(train), f1(model, train[:250]), f1(model, test)))
