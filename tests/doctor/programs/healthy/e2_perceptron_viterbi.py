"""Averaged structured perceptron (Collins 2002) with autograd: one sentence per update, loss = score of the best path - score of the gold path.
Most updates are zero once the tagger is right; weights start at zero, learning rate 1."""
import random
import torch

random.seed(13); torch.manual_seed(13)
TAGS = ["DET", "ADJ", "NOUN", "VERB", "ADV"]
LEX = {"DET": "the a this every some".split(),
       "ADJ": "old red light cold quick open dry fine clean last".split(),
       "NOUN": "dog light run walk open watch book fish clean play house road".split(),
       "VERB": "run walk watch book fish play sees likes takes opens light".split(),
       "ADV": "fast slowly here often late today last".split()}


def sentence():
    t = []
    def np():
        t.append("DET")
        if random.random() < .5:
            t.append("ADJ")
        t.append("NOUN")
    np(); t.append("VERB")
    if random.random() < .7:
        np()
    if random.random() < .5:
        t.append("ADV")
    if random.random() < .3:
        t.append("ADV")
    return tuple(random.choice(LEX[x]) for x in t), tuple(TAGS.index(x) for x in t)


data = {}
while len(data) < 1400:
    w, t = sentence()
    data.setdefault(w, t)
data = list(data.items()); random.shuffle(data)
train, dev = data[:1000], data[1000:]
stoi = {w: i for i, w in enumerate(sorted({x for w, _ in train for x in w}))}
K = len(TAGS)
emit = torch.zeros(len(stoi), K, requires_grad=True)
trans = torch.zeros(K + 1, K, requires_grad=True)          # row K: start
total = [torch.zeros_like(emit), torch.zeros_like(trans)]


def viterbi(e, tr):
    s, back = e[0] + tr[K], []
    for t in range(1, len(e)):
        m = s[:, None] + tr[:K]
        s, b = m.max(0)
        s = s + e[t]
        back.append(b.tolist())
    path = [int(s.argmax())]
    for b in reversed(back):
        path.append(b[path[-1]])
    return path[::-1]


def score(e, tr, path):
    p = torch.tensor([K] + list(path))
    return e.gather(1, p[1:, None]).sum() + tr[p[:-1], p[1:]].sum()


def accuracy(em, tr, part):
    ok = n = 0
    for w, t in part:
        p = viterbi(em[[stoi[x] for x in w]], tr)
        ok += sum(a == b for a, b in zip(p, t)); n += len(t)
    return ok / n


opt = torch.optim.SGD([emit, trans], lr=1.0)
seen = 0
for epoch in range(3):
    random.shuffle(train)
    loss_sum = mistakes = 0
    for w, gold in train:
        e = emit[[stoi[x] for x in w]]
        with torch.no_grad():
            guess = viterbi(e, trans)
        if guess != list(gold):
            mistakes += 1
            loss = score(e, trans, guess) - score(e, trans, gold)
            opt.zero_grad(); loss.backward(); opt.step()
            loss_sum += loss.item()
        seen += 1
        with torch.no_grad():
            total[0] += emit; total[1] += trans
    with torch.no_grad():
        avg = [x / seen for x in total]
        print(f"epoch {epoch} loss {loss_sum / len(train):.3f} wrong sentences {mistakes} of {len(train)} | dev last weights "
              f"{accuracy(emit, trans, dev):.4f} averaged {accuracy(*avg, dev):.4f}")
common = sum(t.count(2) for _, t in dev) / sum(len(t) for _, t in dev)
print(f"always NOUN: {common:.4f}")
