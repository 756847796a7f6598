"""Linear chain CRF (written out by hand) for address lines: the words alone are ambiguous, the order is not."""
import random
import torch
from torch import nn

LABELS = ["NUM", "STREET", "CITY", "ZIP"]
STREETS = "main park oak church mill paris london lincoln washington king".split()
CITIES = "paris london lincoln washington dover salem troy york king bath".split()
KINDS = ["street", "road", "lane", "avenue"]


def make(rng):
    out = [(str(rng.randint(1, 30)), "NUM")]
    out += [(rng.choice(STREETS), "STREET") for _ in range(rng.choice([1, 1, 2]))]
    if rng.random() < 0.6:
        out.append((rng.choice(KINDS), "STREET"))
    out += [(rng.choice(CITIES), "CITY")]
    if rng.random() < 0.3:
        out += [(rng.choice(["north", "south", "city"]), "CITY")]
    out.append((str(rng.randint(1, 30)), "ZIP"))
    if rng.random() < 0.4:                              # continental order
        k = next(i for i, (_, t) in enumerate(out) if t == "CITY")
        head = [w for w in out if w[1] == "STREET"]
        out = head + [out[0]] + [out[-1]] + out[k:-1]
    return out


class CRF(nn.Module):
    def __init__(self, n_words, n_tags, dim=16):
        super().__init__()
        self.emb = nn.Embedding(n_words, dim)
        self.win = nn.Conv1d(dim, 32, 3, padding=1)
        self.emit = nn.Linear(32, n_tags)
        self.trans = nn.Parameter(torch.zeros(n_tags, n_tags))
        self.start = nn.Parameter(torch.zeros(n_tags))

    def scores(self, x):
        h = torch.tanh(self.win(self.emb(x).transpose(1, 2))).transpose(1, 2)
        return self.emit(h)

    def forward(self, x, y):
        """mean negative log likelihood of y (B, T): all sentences of a batch have one length"""
        e = self.scores(x)
        gold = self.start[y[:, 0]] + e.gather(2, y.unsqueeze(2)).sum((1, 2)) + self.trans[y[:, :-1], y[:, 1:]].sum(1)
        alpha = self.start + e[:, 0]
        for t in range(1, x.size(1)):
            alpha = torch.logsumexp(alpha.unsqueeze(2) + self.trans, dim=1) + e[:, t]
        return (torch.logsumexp(alpha, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, x):
        e = self.scores(x)
        best, back = self.start + e[:, 0], []
        for t in range(1, x.size(1)):
            best, arg = (best.unsqueeze(2) + self.trans).max(1)
            best = best + e[:, t]
            back.append(arg)
        path = [best.argmax(1)]
        for arg in reversed(back):
            path.append(arg.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        return torch.stack(path[::-1], 1)


def by_length(rows, vocab, size, rng):
    groups = {}
    for r in rows:
        groups.setdefault(len(r), []).append(r)
    out = []
    for g in groups.values():
        rng.shuffle(g)
        for s in range(0, len(g), size):
            x = torch.tensor([[vocab[w] for w, _ in r] for r in g[s:s + size]])
            y = torch.tensor([[LABELS.index(t) for _, t in r] for r in g[s:s + size]])
            out.append((x, y))
    rng.shuffle(out)
    return out


def whole_line_accuracy(crf, rows, vocab, rng):
    crf.eval()
    ok = n = 0
    for x, y in by_length(rows, vocab, 200, rng):
        ok += (crf.viterbi(x) == y).all(1).sum().item()
        n += len(x)
    return ok / n


rng = random.Random(31)
torch.manual_seed(31)
unique = {}
while len(unique) < 2000:
    r = make(rng)
    unique[tuple(w for w, _ in r)] = r
rows = list(unique.values())
train, test = rows[:1500], rows[1500:]
vocab = {w: i for i, w in enumerate(sorted({w for r in rows for w, _ in r}))}
crf = CRF(len(vocab), len(LABELS))
opt = torch.optim.Adam(crf.parameters(), lr=0.01)
for epoch in range(1, 6):
    crf.train()
    nlls = []
    for x, y in by_length(train, vocab, 32, rng):
        opt.zero_grad()
        nll = crf(x, y)
        nll.backward()
        opt.step()
        nlls.append(nll.item())
    print("epoch %d  nll %.3f  whole lines right: train %.3f test %.3f" % (
        epoch, sum(nlls) / len(nlls), whole_line_accuracy(crf, train, vocab, rng), whole_line_accuracy(crf, test, vocab, rng)))
