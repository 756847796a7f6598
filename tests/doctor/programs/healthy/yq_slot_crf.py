"""Slot filling with a linear-chain CRF layer written by hand (time-first inside the layer)."""
import random
import torch
import torch.nn as nn

random.seed(5); torch.manual_seed(5)
TAGS = ["O", "B-from", "I-from", "B-to", "I-to", "B-day"]
T2I = {t: i for i, t in enumerate(TAGS)}
FIRST = ["new", "san", "los", "st", "fort", "el"]
SECOND = ["york", "jose", "angeles", "paul", "worth", "paso", "diego", "haven"]
SINGLE = ["paris", "boston", "denver", "oslo", "rome", "lima", "cairo", "delhi"]
DAYS = ["monday", "tuesday", "friday", "today", "tomorrow"]
POLITE = ["please", "hi", "i", "want", "need", "a", "flight", "cheap", "would", "like", "ticket"]


def city(role):
    if random.random() < 0.5:
        return [(random.choice(FIRST), "B-" + role), (random.choice(SECOND), "I-" + role)]
    return [(random.choice(SINGLE), "B-" + role)]


def sent():
    parts = [[(random.choice(["from", "leaving"]), "O")] + city("from"), [(random.choice(["to", "towards"]), "O")] + city("to")]
    if random.random() < 0.6:
        parts.append([("on" if random.random() < .5 else "for", "O"), (random.choice(DAYS), "B-day")])
    random.shuffle(parts)
    s = [(random.choice(POLITE), "O") for _ in range(random.randint(1, 6))]
    for p in parts:
        s += p + [(random.choice(POLITE), "O") for _ in range(random.choice([0, 0, 1]))]
    return s


data = [sent() for _ in range(1700)]
train = data[:1300]
seen = {tuple(w for w, _ in s) for s in train}
dev = [s for s in data[1300:] if tuple(w for w, _ in s) not in seen]
W2I = {"<pad>": 0, "<unk>": 1}
for s in train:
    for w, _ in s:
        W2I.setdefault(w, len(W2I))


class LinearChainCRF(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.trans = nn.Parameter(torch.zeros(k, k))       # trans[i, j]: from i to j
        self.start = nn.Parameter(torch.zeros(k))
        self.end = nn.Parameter(torch.zeros(k))

    def nll(self, em, tags, mask):                         # em (T, B, K), tags and mask (T, B)
        B = torch.arange(em.size(1))
        gold = self.start[tags[0]] + em[0, B, tags[0]]
        alpha = self.start + em[0]
        for t in range(1, em.size(0)):
            m = mask[t]
            gold = gold + m * (self.trans[tags[t - 1], tags[t]] + em[t, B, tags[t]])
            nxt = torch.logsumexp(alpha.unsqueeze(2) + self.trans, 1) + em[t]
            alpha = torch.where(m[:, None] > 0, nxt, alpha)
        last = tags[mask.sum(0).long() - 1, B]
        return (torch.logsumexp(alpha + self.end, 1) - gold - self.end[last]).mean()

    def viterbi(self, em):                                 # one sentence (T, K)
        score, back = self.start + em[0], []
        for e in em[1:]:
            best, arg = (score[:, None] + self.trans).max(0)
            score = best + e
            back.append(arg)
        path = [int((score + self.end).argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


class Tagger(nn.Module):
    def __init__(self, v, k):
        super().__init__()
        self.e = nn.Embedding(v, 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 32, 5, padding=2)
        self.drop = nn.Dropout(0.1)
        self.lin = nn.Linear(32, k)
        self.crf = LinearChainCRF(k)

    def emissions(self, x):                                # x (T, B)
        h = self.conv(self.e(x).permute(1, 2, 0)).relu().permute(2, 0, 1)
        return self.lin(self.drop(h))


def collate(batch):
    T = max(map(len, batch))
    x = torch.zeros(T, len(batch), dtype=torch.long); y = torch.zeros_like(x); m = torch.zeros(T, len(batch))
    for b, s in enumerate(batch):
        for t, (w, g) in enumerate(s):
            x[t, b], y[t, b], m[t, b] = W2I.get(w, 1), T2I[g], 1
    return x, y, m


def spans_f1(model, rows):
    model.eval()
    tp = fp = fn = 0
    with torch.no_grad():
        for s in rows:
            x, _, _ = collate([s])
            p = model.crf.viterbi(model.emissions(x)[:, 0])
            pred = {(i, TAGS[k]) for i, k in enumerate(p) if k}
            gold = {(i, g) for i, (_, g) in enumerate(s) if g != "O"}
            tp += len(pred & gold); fp += len(pred - gold); fn += len(gold - pred)
    return 2 * tp / (2 * tp + fp + fn)


model = Tagger(len(W2I), len(TAGS))
optim = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    model.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 50):
        x, y, m = collate(train[i:i + 50])
        loss = model.crf.nll(model.emissions(x), y, m)
        optim.zero_grad(); loss.backward(); optim.step()
        losses.append(loss.item())
    for g in optim.param_groups:
        g["lr"] *= 0.6
    print(f"epoch {epoch} nll/sent {sum(losses) / len(losses):.3f}  F1 train {spans_f1(model, train[:80]):.3f} dev {spans_f1(model, dev[:120]):.3f}")
