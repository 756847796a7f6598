# Linear-chain CRF written out by hand, one sentence at a time (no batching, no padding)
import random
import torch
import torch.nn as nn

rnd = random.Random(13)
torch.manual_seed(13)

FIRST = "anna bob carl dora emil fay grant may will mark rose frank".split()
LAST = "smith young stone brown baker fields hill woods white king".split()
CITY = "york bath reading nice paris lima oslo cork hill king".split()
PATTERNS = [
    ("{F} {L} went to {C} today", ), ("in {C} we met {F} and {F} {L}", ), ("mr {L} will stay in {C} for long", ),
    ("the king of {C} may mark the hill", ), ("{F} saw a white stone near {C}", ), ("reading is nice said {F} {L}", ),
    ("i will take a bath in {C}", ), ("young {F} moved from {C} to {C}", ), ("mrs {L} and {F} like the brown woods", ),
    ("to be frank the rose of mr {L} is white", ),
]
TAGS = ["O", "B-PER", "I-PER", "B-LOC"]
T = {t: k for k, t in enumerate(TAGS)}


def sample():
    words, tags = [], []
    prev = None
    for tok in rnd.choice(PATTERNS)[0].split():
        if tok == "{F}":
            words.append(rnd.choice(FIRST)); tags.append("B-PER")
        elif tok == "{L}":
            words.append(rnd.choice(LAST)); tags.append("I-PER" if prev == "{F}" else "B-PER")
        elif tok == "{C}":
            words.append(rnd.choice(CITY)); tags.append("B-LOC")
        else:
            words.append(tok); tags.append("O")
        prev = tok
    return tuple(words), tuple(tags)


data = {}
while len(data) < 330:
    w, t = sample()
    data[w] = t
data = list(data.items())
rnd.shuffle(data)
train, dev = data[:240], data[240:]
ix = {}
for w, _ in data:
    for x in w:
        ix.setdefault(x, len(ix))


class Tagger(nn.Module):
    def __init__(self, V, K, d=24, h=24):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        self.conv = nn.Conv1d(d, 2 * h, 3, padding=1)
        self.out = nn.Linear(2 * h, K)
        self.trans = nn.Parameter(torch.zeros(K, K))
        self.start = nn.Parameter(torch.zeros(K))

    def scores(self, sent):
        e = self.emb(torch.tensor([ix[w] for w in sent]))          # (n, d)
        return self.out(torch.relu(self.conv(e.t()[None])[0]).t())    # (n, K)

    def neg_log_likelihood(self, sent, tags):
        s = self.scores(sent)
        gold = self.start[tags[0]] + s[0, tags[0]]
        alpha = self.start + s[0]
        for i in range(1, len(sent)):
            gold = gold + self.trans[tags[i - 1], tags[i]] + s[i, tags[i]]
            alpha = torch.logsumexp(alpha[:, None] + self.trans, dim=0) + s[i]
        return torch.logsumexp(alpha, 0) - gold

    @torch.no_grad()
    def viterbi(self, sent):
        s = self.scores(sent)
        best, back = self.start + s[0], []
        for row in s[1:]:
            m, arg = (best[:, None] + self.trans).max(0)
            best = m + row
            back.append(arg)
        path = [best.argmax().item()]
        for arg in reversed(back):
            path.append(arg[path[-1]].item())
        return path[::-1]


def token_scores(model, rows):
    tp = fp = fn = ok = n = 0
    for w, t in rows:
        for p, g in zip(model.viterbi(w), (T[x] for x in t)):
            ok += p == g
            n += 1
            tp += p == g != 0
            fp += p != g and p != 0
            fn += p != g and g != 0
    return ok / n, 2 * tp / max(1, 2 * tp + fp + fn)


model = Tagger(len(ix), len(TAGS))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(3):
    rnd.shuffle(train)
    total = 0.0
    for w, t in train:
        model.zero_grad()
        loss = model.neg_log_likelihood(w, [T[x] for x in t])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        total += loss.item()
    print("epoch %d nll %.3f train acc/f1 %.3f %.3f" % (epoch, total / len(train), *token_scores(model, train[:80])),
          "dev %.3f %.3f" % token_scores(model, dev))
    for g in optimizer.param_groups:
        g["lr"] *= 0.6
