# Window-based NER (Collobert & Weston style): embedding + capital/suffix features, no recurrence, no padding in the loss.
# Names in the test sentences do not occur in the training ones.
import random, itertools
import torch, torch.nn as nn, torch.nn.functional as F
R = random.Random(17); torch.manual_seed(17)
SYL = "ba ko ri ta lu mi no se da ve po ga li mu ru ni fe so ha je".split()
def coin(k, tail): return ("".join(R.choice(SYL) for _ in range(k)) + tail).capitalize()
def names(n, kinds): return list({coin(R.randint(1, 2), R.choice(kinds)) for _ in range(n)})
PER, LOC, ORG = names(500, ["n", "s", "l", ""]), names(400, ["burg", "ville", "stad", "ton"]), names(300, ["corp", "tech", "ware", ""])
def cut(xs): k = int(len(xs) * .75); return {"tr": xs[:k], "te": xs[k:]}
PER, LOC, ORG = cut(PER), cut(LOC), cut(ORG)
ADV = "yesterday quickly finally never often today again quietly".split(); NOUN = "house report car contract garden meeting river market".split()
ADJ = "big new strange old quiet late final cheap".split(); VERB = "visited sold left described praised bought rejected opened".split()
FRAMES = ["Mr {P} {v} the {j} {n} in {L}", "{P} works for {O} Inc in {L} {a}", "the {j} {n} of {O} Inc was {v} {a}", "{a} Ms {P} {v} {L}",
          "from {L} to {L} the {n} is {j}", "{O} Inc {v} a {n} near {L}", "the {n} was {v} by {P} and Mr {P}", "a {j} {n} {a} {v} the {n}",
          "in {L} Ms {P} said that {O} Inc {v} the {n}", "Mr {P} of {O} Inc {a} {v} Mr {P}"]
TAG = ["O", "B-PER", "I-PER", "B-LOC", "B-ORG", "I-ORG"]
def sentence(part):
    toks, tags = [], []
    for w in R.choice(FRAMES).split():
        if w == "{P}":
            toks.append(R.choice(PER[part])); tags.append("B-PER")
            if R.random() < .4: toks.append(R.choice(PER[part])); tags.append("I-PER")
        elif w == "{L}": toks.append(R.choice(LOC[part])); tags.append("B-LOC")
        elif w == "{O}": toks.append(R.choice(ORG[part])); tags.append("B-ORG")
        elif w == "Inc": toks.append(w); tags.append("I-ORG")
        else:
            pool = {"{a}": ADV, "{n}": NOUN, "{j}": ADJ, "{v}": VERB}.get(w); toks.append(R.choice(pool) if pool else w); tags.append("O")
    if R.random() < .5: toks.append("."); tags.append("O")
    return toks, [TAG.index(t) for t in tags]
train = [sentence("tr") for _ in range(1000)]
test = [sentence("te") for _ in range(500)]
keys = {" ".join(t) for t, _ in train}; test = [s for s in test if " ".join(s[0]) not in keys]

freq = {}
for w in itertools.chain.from_iterable(t for t, _ in train): freq[w.lower()] = freq.get(w.lower(), 0) + 1
word_id = {w: i + 2 for i, w in enumerate(sorted(w for w, c in freq.items() if c >= 25))}       # 0 border, 1 rare
suffix_id = {s: i + 1 for i, s in enumerate(sorted({w[-3:] for w in freq}))}                      # 0 new
def feats(tok): return word_id.get(tok.lower(), 1), suffix_id.get(tok.lower()[-3:], 0), 1 + tok[0].isupper()
W = 2
def rows(part):
    x, y = [], []
    for toks, tags in part:
        f = [(0, 0, 0)] * W + [feats(t) for t in toks] + [(0, 0, 0)] * W
        for i, t in enumerate(tags): x.append(f[i:i + 2 * W + 1]); y.append(t)
    return torch.tensor(x), torch.tensor(y)
Xtr, ytr = rows(train); Xte, yte = rows(test)
share = torch.bincount(ytr, minlength=len(TAG)).float() / len(ytr)
print(len(ytr), "tokens,", {t: round(s, 3) for t, s in zip(TAG, share.tolist())})

class Window(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.s, self.c = nn.Embedding(len(word_id) + 2, 12), nn.Embedding(len(suffix_id) + 1, 6), nn.Embedding(3, 2)
        self.h, self.o = nn.Linear((2 * W + 1) * 20, 40), nn.Linear(40, len(TAG))
    def forward(self, x):
        s = x[..., 1]
        if self.training: s = s.masked_fill(torch.rand(s.shape) < .1, 0)              # so that the row of new suffixes is trained
        z = torch.cat([self.w(x[..., 0]), self.s(s), self.c(x[..., 2])], -1).flatten(1)
        return self.o(F.hardtanh(self.h(z)))

net = Window(); opt = torch.optim.Adagrad(net.parameters(), lr=.05)
def entity_f1(pred, gold):
    def spans(seq):                                                                      # (start, end, type), sentence ends always lie in O or are re-begun by B
        out, start = set(), None
        for i, t in enumerate(list(seq) + [0]):
            if start is not None and t not in (2, 5): out.add((start, i, int(seq[start]))); start = None
            if t in (1, 3, 4): start = i
        return out
    a, b = spans(pred), spans(gold)
    return 2 * len(a & b) / max(1, len(a) + len(b))
for ep in range(3):
    net.train(); run = 0.
    for ix in torch.randperm(len(ytr)).split(64):
        loss = F.cross_entropy(net(Xtr[ix]), ytr[ix]); opt.zero_grad(); loss.backward(); opt.step(); run += loss.item() * len(ix)
    net.eval()
    with torch.no_grad(): p = net(Xte).argmax(1); q = net(Xtr).argmax(1)
    print(f"epoch {ep + 1} loss {run / len(ytr):.4f}  token acc {(p == yte).float().mean():.4f}  entity F1 {entity_f1(p.tolist(), yte.tolist()):.4f}"
          f"  (train {entity_f1(q.tolist(), ytr.tolist()):.4f})")
