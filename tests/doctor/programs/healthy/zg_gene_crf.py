"""Gene-mention tagging with a hand-written linear-chain CRF, one sentence per update (no batches, no padding)."""
import random
import torch
from torch import nn

random.seed(8); torch.manual_seed(8)
TAGS = ["O", "B", "I"]
FAM = ["brca", "tp", "myc", "egf", "kras", "notch", "wnt", "sox", "hox", "fgf"]
SUF = ["receptor", "kinase", "protein", "factor"]
CTX = "we found that the expression of was reduced in cells after treatment with and a strong signal from mutant mice shows no change while".split()


def sentence():
    words, tags = random.choices(CTX, k=random.randint(2, 5)), []
    tags = ["O"] * len(words)
    for _ in range(random.randint(1, 2)):
        words.append(random.choice(FAM)); tags.append("B")
        if random.random() < 0.6:
            words.append(str(random.randint(1, 9))); tags.append("I")
        if random.random() < 0.5:
            words.append(random.choice(SUF)); tags.append("I")
        if random.random() < 0.3:                          # the same words outside of a mention
            words += ["the", random.choice(SUF), str(random.randint(1, 9))]; tags += ["O"] * 3
        more = random.choices(CTX, k=random.randint(1, 4))
        words += more; tags += ["O"] * len(more)
    return words, [TAGS.index(t) for t in tags]


data, seen = [], set()
while len(data) < 340:
    w, t = sentence()
    if " ".join(w) not in seen:
        seen.add(" ".join(w)); data.append((w, t))
train, dev = data[:250], data[250:]
ix = {w: i for i, w in enumerate(sorted({w for s, _ in train for w in s}))}
unk = len(ix)
as_ids = lambda s: torch.tensor([ix.get(w, unk) for w in s])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ix) + 1, 16)
        self.conv = nn.Conv1d(16, 24, 3, padding=1)
        self.emit = nn.Linear(24, 3)
        self.trans = nn.Parameter(torch.zeros(3, 3))
        self.start = nn.Parameter(torch.zeros(3))

    def emissions(self, ids):
        return self.emit(torch.tanh(self.conv(self.emb(ids).T[None])[0].T))

    def nll(self, ids, tags):
        e = self.emissions(ids)
        alpha = self.start + e[0]
        for row in e[1:]:
            alpha = torch.logsumexp(alpha[:, None] + self.trans, 0) + row
        gold = self.start[tags[0]] + e[torch.arange(len(tags)), tags].sum() + self.trans[tags[:-1], tags[1:]].sum()
        return torch.logsumexp(alpha, 0) - gold

    @torch.no_grad()
    def viterbi(self, ids):
        e = self.emissions(ids)
        score, back = self.start + e[0], []
        for row in e[1:]:
            best, arg = (score[:, None] + self.trans).max(0)
            score = best + row; back.append(arg)
        path = [int(score.argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


def spans(tags):
    out, at = set(), None
    for i, t in enumerate(list(tags) + [0]):
        if at is not None and t != 2:
            out.add((at, i)); at = None
        if t == 1:
            at = i
    return out


def f1(rows):
    tp = np_ = ng = 0
    for w, t in rows:
        p, g = spans(net.viterbi(as_ids(w))), spans(t)
        tp += len(p & g); np_ += len(p); ng += len(g)
    return 2 * tp / max(1, np_ + ng)


net = Tagger()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(3):
    random.shuffle(train)
    total = 0.0
    for words, tags in train:
        loss = net.nll(as_ids(words), torch.tensor(tags))
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item()
    print(f"epoch {epoch}: nll/sentence {total / len(train):.3f}  span F1 train {f1(train[:60]):.3f} dev {f1(dev):.3f}")
