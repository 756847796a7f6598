# Sequence labelling without padding: sentences are grouped by length, each batch has one length only.
# BiGRU + linear-chain CRF written out (forward algorithm, Viterbi). Grammar-made address lines.
import random
from collections import defaultdict
import torch
from torch import nn

random.seed(13); torch.manual_seed(13)
TAGS = ["NUM", "STREET", "CITY", "PERSON", "OTHER"]
tid = {t: i for i, t in enumerate(TAGS)}
NAMES = "lee grant jordan madison lincoln austin marion clay dallas florence carson logan chester wayne".split()   # may be person, city or street


def sentence():
    out = []
    add = lambda ws, t: out.extend((w, tid[t]) for w in ws)
    if random.random() < 0.6:
        add([random.choice(["mr", "mrs", "dr", "to", "for"])], "OTHER")
        add(random.sample(NAMES, random.randint(1, 2)), "PERSON")
    if random.random() < 0.8:
        add([random.choice(["lives", "stays", "sent", "found"]), "at"], "OTHER")
        add([str(random.randint(1, 60))], "NUM")
        add(random.sample(NAMES, random.randint(1, 2)) + [random.choice(["road", "street", "lane"])], "STREET")
    add([random.choice(["in", "near", "from"])], "OTHER")
    add([random.choice(NAMES)], "CITY")
    if random.random() < 0.3:
        add([random.choice(["today", "again"])], "OTHER")
    return out


data = list({tuple(sentence()) for _ in range(2600)})
data.sort(); random.shuffle(data)
dev, train = data[:400], data[400:]
words = {"?": 0}
for s in train:
    for w, _ in s:
        words.setdefault(w, len(words))


def by_length(part, size):
    groups = defaultdict(list)
    for s in part:
        groups[len(s)].append(s)
    batches = []
    for g in groups.values():
        random.shuffle(g)
        for i in range(0, len(g), size):
            b = g[i:i + size]
            batches.append((torch.tensor([[words.get(w, 0) for w, _ in s] for s in b]), torch.tensor([[t for _, t in s] for s in b])))
    random.shuffle(batches)
    return batches


class CRFTagger(nn.Module):
    def __init__(self, V, K):
        super().__init__()
        self.emb = nn.Embedding(V, 16)
        self.gru = nn.GRU(16, 16, bidirectional=True, batch_first=True)
        self.emit = nn.Linear(32, K)
        self.trans = nn.Parameter(torch.zeros(K, K))     # [from, to]
        self.start = nn.Parameter(torch.zeros(K))

    def scores(self, x):
        return self.emit(self.gru(self.emb(x))[0])

    def nll(self, x, y):
        e = self.scores(x)
        gold = e.gather(2, y.unsqueeze(2)).sum((1, 2)) + self.start[y[:, 0]] + self.trans[y[:, :-1], y[:, 1:]].sum(1)
        alpha = self.start + e[:, 0]
        for t in range(1, e.size(1)):
            alpha = torch.logsumexp(alpha.unsqueeze(2) + self.trans, dim=1) + e[:, t]
        return (torch.logsumexp(alpha, dim=1) - gold).mean()

    def viterbi(self, x):
        e = self.scores(x)
        best, back = self.start + e[:, 0], []
        for t in range(1, e.size(1)):
            m, arg = (best.unsqueeze(2) + self.trans).max(1)
            back.append(arg)
            best = m + e[:, t]
        path = [best.argmax(1)]
        for arg in reversed(back):
            path.append(arg.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        return torch.stack(path[::-1], 1)


model = CRFTagger(len(words), len(TAGS))
opt = torch.optim.Adam(model.parameters(), lr=0.01)


@torch.no_grad()
def accuracy(part):
    model.eval()
    ok = n = whole = 0
    for x, y in by_length(part, 200):
        same = model.viterbi(x) == y
        ok += same.sum().item(); n += same.numel(); whole += same.all(1).sum().item()
    return ok / n, whole / len(part)


for epoch in range(3):
    model.train()
    loss_sum = k = 0
    for x, y in by_length(train, 32):
        loss = model.nll(x, y)
        opt.zero_grad(); loss.backward(); opt.step()
        loss_sum += loss.item(); k += 1
    print("epoch %d nll %.3f | train tokens %.3f lines %.3f" % (epoch, loss_sum / k, *accuracy(train[:500])), "| dev tokens %.3f lines %.3f" % accuracy(dev))
