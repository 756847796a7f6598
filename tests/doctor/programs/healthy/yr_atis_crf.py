"""Slot filling with a window network and a hand-made CRF layer (course assignment 4, part 2)."""
import random
import torch
import torch.nn as nn

random.seed(17)
torch.manual_seed(17)
CITIES = ["boston", "denver", "san francisco", "new york", "dallas", "salt lake city", "miami", "st paul"]
DAYS = ["monday", "friday", "sunday", "tomorrow"]
TAGS = ["O", "B-from", "I-from", "B-to", "I-to", "B-day"]
T2I = {t: i for i, t in enumerate(TAGS)}


def example():
    a, b = random.sample(CITIES, 2)
    def span(words, kind):
        return [(w, ("B-" if i == 0 else "I-") + kind) for i, w in enumerate(words.split())]
    def o(words):
        return [(w, "O") for w in words.split()]
    frm, to, day = o("from") + span(a, "from"), o("to") + span(b, "to"), o("on") + span(random.choice(DAYS), "day")
    parts = [frm, to] if random.random() < 0.5 else [to, frm]
    if random.random() < 0.6:
        parts.insert(random.randint(0, 2), day)
    start = o(random.choice(["show me flights", "i want to fly", "list fares", "is there a flight please", "what leaves"]))
    end = o(random.choice(["", "in the morning", "please", "with lunch", "under two hundred dollars"]))
    return tuple(start + sum(parts, []) + end)


pool = list({example(): 0 for _ in range(3000)})
random.shuffle(pool)
train, dev = pool[:1500], pool[1500:1900]
W2I = {"<pad>": 0, "<unk>": 1}
for s in train:
    for w, _ in s:
        W2I.setdefault(w, len(W2I))


def make_batch(sents):
    n = max(map(len, sents))
    x = torch.tensor([[W2I.get(w, 1) for w, _ in s] + [0] * (n - len(s)) for s in sents])
    y = torch.tensor([[T2I[t] for _, t in s] + [0] * (n - len(s)) for s in sents])
    return x, y, x != 0


class CRF(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.A = nn.Parameter(torch.zeros(k, k))         # A[i, j]: from i to j
        self.start, self.stop = nn.Parameter(torch.zeros(k)), nn.Parameter(torch.zeros(k))

    def gold(self, e, y, m):
        emit = (e.gather(2, y.unsqueeze(2)).squeeze(2) * m).sum(1)
        trans = (self.A[y[:, :-1], y[:, 1:]] * m[:, 1:]).sum(1)
        last = y.gather(1, m.sum(1, keepdim=True) - 1).squeeze(1)
        return emit + trans + self.start[y[:, 0]] + self.stop[last]

    def log_z(self, e, m):
        alpha = self.start + e[:, 0]
        for t in range(1, e.size(1)):
            new = torch.logsumexp(alpha.unsqueeze(2) + self.A, dim=1) + e[:, t]
            alpha = torch.where(m[:, t:t + 1], new, alpha)
        return torch.logsumexp(alpha + self.stop, dim=1)

    def viterbi(self, e, length):
        score, back = self.start + e[0], []
        for t in range(1, length):
            best, arg = (score.unsqueeze(1) + self.A).max(0)
            back.append(arg)
            score = best + e[t]
        path = [int((score + self.stop).argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


class Tagger(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(W2I), d, padding_idx=0)
        self.conv = nn.Conv1d(d, 40, 5, padding=2)
        self.lin = nn.Linear(40, len(TAGS))
        self.crf = CRF(len(TAGS))

    def emissions(self, x):
        return self.lin(torch.relu(self.conv(self.emb(x).transpose(1, 2))).transpose(1, 2))


def spans(tags):
    out, cur = set(), None
    for i, t in enumerate(list(tags) + ["O"]):
        if cur and t != "I-" + cur[1]:
            out.add((cur[0], i, cur[1])); cur = None
        if t.startswith("B-"):
            cur = (i, t[2:])
    return out


def f1(sents):
    net.eval()
    tp = fp = fn = 0
    with torch.no_grad():
        x, _, m = make_batch(sents)
        e = net.emissions(x)
    for s, row, k in zip(sents, e, m.sum(1).tolist()):
        p, g = spans([TAGS[i] for i in net.crf.viterbi(row.detach(), k)]), spans([t for _, t in s])
        tp += len(p & g); fp += len(p - g); fn += len(g - p)
    return 2 * tp / max(1, 2 * tp + fp + fn)


net = Tagger()
opt = torch.optim.AdamW(net.parameters(), lr=8e-3)
for epoch in range(4):
    net.train()
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 30):
        x, y, m = make_batch(train[i:i + 30])
        e = net.emissions(x)
        nll = (net.crf.log_z(e, m) - net.crf.gold(e, y, m)).mean()
        opt.zero_grad(); nll.backward(); opt.step()
        tot += nll.item()
    print("epoch %d  nll/sentence %.4f" % (epoch + 1, tot / (len(train) / 30)))
with torch.no_grad():
    print("span F1: train %.3f  dev %.3f" % (f1(train[:150]), f1(dev[:200])))
