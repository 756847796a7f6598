# BIO slot filling with a linear-chain CRF written by hand. Names are invented, so the test names are mostly unseen.
import random, torch
from torch import nn
random.seed(4); torch.manual_seed(4)
SYL = "ka ro mi len tar vo su bel nor di pha gon ri st ae lu zen mor".split()
def name(): return "".join(random.choice(SYL) for _ in range(random.randint(2, 3))).capitalize()
OPEN = ["please book", "i want", "find me", "get", "show", "could you reserve", "look for", "we need"]
KIND = ["a flight", "two tickets", "a cheap seat", "the first train", "some bus", "one way travel", "a night coach"]
WHEN = [["tomorrow"], ["next", "monday"], ["on", "friday"], ["this", "evening"], ["in", "june"], ["today"]]
def place():
    return [name()] if random.random() < .6 else [random.choice(["San", "New", "Port", "Upper"]), name()]
def sent():
    toks, tags = [], []
    def add(ws, slot=None):
        for i, w in enumerate(ws):
            toks.append(w); tags.append("O" if slot is None else ("B-" if i == 0 else "I-") + slot)
    add(random.choice(OPEN).split()); add(random.choice(KIND).split())
    parts = [("FROM", ["from"]), ("TO", ["to"])]
    if random.random() < .4: parts.append(("VIA", random.choice([["via"], ["through"], ["with", "a", "stop", "in"]])))
    random.shuffle(parts)
    for slot, lead in parts:
        add(lead); add(place(), slot)
    if random.random() < .6:
        add(random.choice(WHEN), "DATE")
    if random.random() < .3: add(["for", name()])       # a person, not a place
    return toks, tags
uniq, data = set(), []
while len(data) < 1300:
    s = sent()
    if " ".join(s[0]) not in uniq:
        uniq.add(" ".join(s[0])); data.append(s)
train, test = data[:1000], data[1000:]
w2i = {"<pad>": 0, "<unk>": 1}
cnt = {}
for s, _ in train:
    for w in s: cnt[w] = cnt.get(w, 0) + 1
for w, c in cnt.items():
    if c > 2: w2i[w] = len(w2i)
TAGS = sorted({t for _, ts in train for t in ts}); t2i = {t: i for i, t in enumerate(TAGS)}; K = len(TAGS)
def batchify(rows):
    L = max(len(s) for s, _ in rows)
    x = torch.zeros(len(rows), L, dtype=torch.long); cap = torch.zeros(len(rows), L, 1); y = torch.zeros_like(x)
    m = torch.zeros(len(rows), L, dtype=torch.bool)
    for i, (s, ts) in enumerate(rows):
        for j, (w, t) in enumerate(zip(s, ts)):
            x[i, j] = w2i.get(w, 1); cap[i, j, 0] = w[0].isupper(); y[i, j] = t2i[t]; m[i, j] = True
    return x, cap, y, m
class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(w2i), 24, padding_idx=0)
        self.c1 = nn.Conv1d(25, 40, 3, padding=1); self.c2 = nn.Conv1d(40, 40, 3, padding=1)
        self.out = nn.Linear(40, K)
        self.trans = nn.Parameter(torch.zeros(K, K)); self.start = nn.Parameter(torch.zeros(K)); self.end = nn.Parameter(torch.zeros(K))
    def emissions(self, x, cap, m):
        mm = m.unsqueeze(1).float()
        h = torch.cat([self.emb(x), cap], -1).transpose(1, 2)
        h = torch.relu(self.c1(h)) * mm
        h = torch.relu(self.c2(h)) * mm
        return self.out(h.transpose(1, 2))
    def nll(self, x, cap, y, m):
        e = self.emissions(x, cap, m); B, L, _ = e.shape; r = torch.arange(B)
        gold = self.start[y[:, 0]] + e[r, 0, y[:, 0]]
        a = self.start + e[:, 0]
        for t in range(1, L):
            gold = gold + (self.trans[y[:, t-1], y[:, t]] + e[r, t, y[:, t]]) * m[:, t]
            nxt = torch.logsumexp(a.unsqueeze(2) + self.trans, 1) + e[:, t]
            a = torch.where(m[:, t, None], nxt, a)
        last = y.gather(1, m.sum(1, keepdim=True) - 1).squeeze(1)
        return (torch.logsumexp(a + self.end, 1) - gold - self.end[last]).mean()
    @torch.no_grad()
    def viterbi(self, x, cap, m):
        e = self.emissions(x, cap, m); out = []
        for i, n in enumerate(m.sum(1).tolist()):
            s = self.start + e[i, 0]; back = []
            for t in range(1, n):
                v, p = (s.unsqueeze(1) + self.trans).max(0); back.append(p); s = v + e[i, t]
            j = int((s + self.end).argmax()); path = [j]
            for p in reversed(back):
                j = int(p[j]); path.append(j)
            out.append([TAGS[k] for k in reversed(path)])
        return out
def spans(tags):
    res, i = set(), 0
    while i < len(tags):
        if tags[i].startswith("B-"):
            j = i + 1
            while j < len(tags) and tags[j] == "I-" + tags[i][2:]: j += 1
            res.add((i, j, tags[i][2:])); i = j
        else: i += 1
    return res
def f1(model, rows):
    model.eval(); tp = np_ = ng = 0
    x, cap, y, m = batchify(rows)
    for (s, ts), p in zip(rows, model.viterbi(x, cap, m)):
        g, q = spans(ts), spans(p); tp += len(g & q); np_ += len(q); ng += len(g)
    return 2 * tp / (np_ + ng)
model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, .6)
for ep in range(4):
    model.train(); random.shuffle(train); tot = 0
    for i in range(0, len(train), 25):
        loss = model.nll(*batchify(train[i:i+25]))
        opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(model.parameters(), 5.); opt.step(); tot += loss.item()
    sched.step()
    print(f"epoch {ep} nll/sentence {tot/(len(train)/25):.3f}  test span F1 {f1(model, test[:200]):.3f}")
print("train F1 %.3f   test F1 %.3f" % (f1(model, train[:200]), f1(model, test)))
