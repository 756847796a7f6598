"""A small language model on sentences of a toy grammar. Input and output matrices are one and the same tensor;
every batch holds sentences of one length, hence no padding and no mask. The grammar's own entropy is known."""
import collections, math, random
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(8); torch.manual_seed(8)
DET = {"s": ["the", "a", "this"], "p": ["the", "some", "these"]}
NOUN = {"s": ["dog", "bird", "child", "baker"], "p": ["dogs", "birds", "children", "bakers"]}
VERB = {"s": ["sees", "likes", "follows"], "p": ["see", "like", "follow"]}
ADJ = ["old", "small", "quiet", "happy"]


def np_(out):
    """appends a noun phrase, returns its number and its log-probability"""
    num = random.choice("sp")
    lp = math.log(.5 / 3)
    det = random.choice(DET[num]); out.append(det)
    if det == "the":                       # 'the' may be either
        lp = math.log(1 / 3)
    if random.random() < .4:
        out.append(random.choice(ADJ)); lp += math.log(.4 / 4)
    else:
        lp += math.log(.6)
    out.append(random.choice(NOUN[num]))
    lp += math.log(1 / 4) + (math.log(.5) if det == "the" else 0)
    return num, lp


def sentence():
    out = ["<s>"]
    num, lp = np_(out)
    out.append(random.choice(VERB[num])); lp += math.log(1 / 3)
    lp += np_(out)[1]
    if random.random() < .3:
        out.append("slowly"); lp += math.log(.3)
    else:
        lp += math.log(.7)
    return out + ["</s>"], lp


corpus = {}
while len(corpus) < 3000:
    s, lp = sentence()
    corpus[tuple(s)] = lp
sents = list(corpus)
random.shuffle(sents)
vocab = sorted({w for s in sents for w in s})
ix = {w: i for i, w in enumerate(vocab)}
tr, va = sents[:2400], sents[2400:]
floor = -sum(corpus[s] for s in va) / sum(len(s) - 1 for s in va)


def buckets(rows, size):
    by = collections.defaultdict(list)
    for s in rows:
        by[len(s)].append([ix[w] for w in s])
    out = []
    for group in by.values():
        random.shuffle(group)
        out += [torch.tensor(group[i:i + size]) for i in range(0, len(group), size)]
    random.shuffle(out)
    return out


class LM(nn.Module):
    def __init__(self, v, d=32):
        super().__init__()
        self.inp = nn.Embedding(v, d)
        nn.init.normal_(self.inp.weight, std=d ** -.5)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(d, v)
        self.out.weight = self.inp.weight

    def forward(self, x):
        return self.out(self.rnn(self.inp(x))[0])


lm = LM(len(vocab))
opt = torch.optim.Adamax(lm.parameters(), lr=.012)
sch = torch.optim.lr_scheduler.MultiStepLR(opt, [3, 5, 6], .35)


def nats(rows):
    s = n = 0
    with torch.no_grad():
        for b in buckets(rows, 300):
            t = b[:, 1:]
            s += F.cross_entropy(lm(b[:, :-1]).flatten(0, 1), t.flatten(), reduction="sum").item(); n += t.numel()
    return s / n


print("vocabulary", len(vocab), "uniform %.3f" % math.log(len(vocab)), "floor %.3f" % floor)
for ep in range(7):
    for b in buckets(tr, 32):
        loss = F.cross_entropy(lm(b[:, :-1]).transpose(1, 2), b[:, 1:])
        opt.zero_grad(); loss.backward(); opt.step()
    sch.step()
    a, c = nats(tr), nats(va)
    print(f"epoch {ep} train {a:.3f} valid {c:.3f} nats/word, perplexity {math.exp(c):.2f}")
