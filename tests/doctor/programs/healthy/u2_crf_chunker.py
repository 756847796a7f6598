"""Linear-chain CRF on top of a window network: BIO spans of chemical names in short reports."""
import random

import torch
import torch.nn as nn

random.seed(6)
torch.manual_seed(6)
LABELS = ["O", "B", "I"]
PREFIX = ["methyl", "ethyl", "propyl", "butyl", "nitro", "chloro", "fluoro", "amino"]
HEADS = ["benzene", "ketone", "acetate", "alcohol", "ether", "amide", "oxide", "phenol"]
PLAIN = ("the was added to a solution of and stirred for hours at room temperature then filtered washed with dried under "
         "vacuum yield product mixture heated slowly until clear sample cold").split()


def report():
    words, tags = [], []
    for _ in range(random.randint(1, 3)):
        for _ in range(random.randint(1, 4)):
            words.append(random.choice(PLAIN)); tags.append(0)
        name = random.sample(PREFIX, random.randint(1, 2)) + [random.choice(HEADS)]
        if random.random() < .25:          # a trade word that is a plain one elsewhere
            name.append("solution")
        words += name; tags += [1] + [2] * (len(name) - 1)
    if random.random() < .5:               # class words alone are no names
        words += ["the", random.choice(HEADS)]; tags += [0, 0]
    return words, tags


reports, known = [], set()
while len(reports) < 1000:
    w, t = report()
    if " ".join(w) not in known:
        known.add(" ".join(w))
        reports.append((w, t))
vocab = {w: i + 1 for i, w in enumerate(sorted(set(PREFIX + HEADS + PLAIN)))}


def pad(items):
    T = max(len(w) for w, _ in items)
    x = torch.zeros(len(items), T, dtype=torch.long)
    y = torch.zeros(len(items), T, dtype=torch.long)
    m = torch.zeros(len(items), T, dtype=torch.bool)
    for i, (w, t) in enumerate(items):
        x[i, :len(w)] = torch.tensor([vocab[v] for v in w])
        y[i, :len(t)] = torch.tensor(t)
        m[i, :len(w)] = True
    return x, y, m


class WindowCRF(nn.Module):
    def __init__(self, n, dim=20, k=3):
        super().__init__()
        self.emb = nn.Embedding(n + 1, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, 32, 3, padding=1)
        self.emit = nn.Linear(32, k)
        self.trans = nn.Parameter(torch.zeros(k, k))
        self.start = nn.Parameter(torch.zeros(k))

    def emissions(self, x):
        return self.emit(torch.relu(self.conv(self.emb(x).transpose(1, 2))).transpose(1, 2))

    def nll(self, x, y, m):
        e = self.emissions(x)
        gold = self.start[y[:, 0]] + e[:, 0].gather(1, y[:, :1]).squeeze(1)
        alpha = self.start + e[:, 0]
        for t in range(1, x.size(1)):
            step = self.trans[y[:, t - 1], y[:, t]] + e[:, t].gather(1, y[:, t:t + 1]).squeeze(1)
            gold = gold + step * m[:, t]
            new = torch.logsumexp(alpha.unsqueeze(2) + self.trans, dim=1) + e[:, t]
            alpha = torch.where(m[:, t:t + 1], new, alpha)
        return ((torch.logsumexp(alpha, 1) - gold) / m.sum(1)).mean()

    @torch.no_grad()
    def viterbi(self, x, m):
        e, paths = self.emissions(x), []
        for row, n in zip(e, m.sum(1).tolist()):
            v, back = self.start + row[0], []
            for t in range(1, n):
                best, arg = (v.unsqueeze(1) + self.trans).max(0)
                v = best + row[t]
                back.append(arg)
            path = [int(v.argmax())]
            for arg in reversed(back):
                path.append(int(arg[path[-1]]))
            paths.append(path[::-1])
        return paths


def spans(tags):
    out, s = set(), None
    for i, t in enumerate(list(tags) + [0]):
        if s is not None and t != 2:
            out.add((s, i)); s = None
        if t == 1:
            s = i
    return out


def f1(model, items):
    x, _, m = pad(items)
    model.eval()
    tp = fp = fn = 0
    for p, (_, t) in zip(model.viterbi(x, m), items):
        a, b = spans(p), spans(t)
        tp, fp, fn = tp + len(a & b), fp + len(a - b), fn + len(b - a)
    return 2 * tp / max(2 * tp + fp + fn, 1)


train, test = reports[:850], reports[850:]
crf = WindowCRF(len(vocab))
opt = torch.optim.Adam(crf.parameters(), lr=1e-2)
for epoch in range(5):
    crf.train()
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 25):
        loss = crf.nll(*pad(train[i:i + 25]))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    print(f"epoch {epoch + 1} nll per token {tot / (len(train) / 25):.4f} test nll {crf.nll(*pad(test)).item():.4f} span F1 {f1(crf, test):.3f}")
