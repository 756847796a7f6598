"""Linear-chain CRF by hand. Telegram-like made-up sentences; many words are noun or verb depending on the neighbours."""
import random

import torch
import torch.nn as nn

TAGS = ["DET", "ADJ", "NOUN", "VERB", "PRON", "PREP"]
T = {t: i for i, t in enumerate(TAGS)}
NV = "walk run paint cook plan guard judge milk hammer book ship water phone dust plant fish park ring drive dance mail match stamp trade order cover".split()
N = "dog house river teacher bottle engine farmer letter island market window doctor".split()
V = "sees eats finds builds hears brings moves carries follows paints".split()
LEX = {
    "DET": "the a this every some".split(), "ADJ": "old green quiet heavy strange tiny bright".split(),
    "PRON": "they we you i".split(), "PREP": "near under behind with for".split(),
}


def noun_phrase(r):
    if r.random() < 0.2:
        return [(r.choice(LEX["PRON"]), "PRON")]
    out = [(r.choice(LEX["DET"]), "DET")] if r.random() < 0.85 else []
    while r.random() < 0.35:
        out.append((r.choice(LEX["ADJ"]), "ADJ"))
    return out + [(r.choice(NV if r.random() < 0.6 else N), "NOUN")]


def sentence(r):
    s = noun_phrase(r) + [(r.choice(NV if r.random() < 0.6 else V), "VERB")] + noun_phrase(r)
    while r.random() < 0.4:
        s += [(r.choice(LEX["PREP"]), "PREP")] + noun_phrase(r)
    return s


class CRF(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.k = k
        self.trans = nn.Parameter(torch.zeros(k, k))     # from, to
        self.first = nn.Parameter(torch.zeros(k))
        self.last = nn.Parameter(torch.zeros(k))

    def gold(self, em, tags, mask):
        b = torch.arange(em.size(0))
        s = self.first[tags[:, 0]] + em[b, 0, tags[:, 0]]
        for t in range(1, em.size(1)):
            step = self.trans[tags[:, t - 1], tags[:, t]] + em[b, t, tags[:, t]]
            s = s + step * mask[:, t]
        return s + self.last[tags[b, mask.sum(1).long() - 1]]

    def log_z(self, em, mask):
        a = self.first + em[:, 0]
        for t in range(1, em.size(1)):
            new = torch.logsumexp(a.unsqueeze(2) + self.trans, 1) + em[:, t]
            a = torch.where(mask[:, t, None] > 0, new, a)
        return torch.logsumexp(a + self.last, 1)

    def nll(self, em, tags, mask):
        return ((self.log_z(em, mask) - self.gold(em, tags, mask)) / mask.sum(1)).mean()

    @torch.no_grad()
    def viterbi(self, em):                               # one sentence, L x k
        d, back = self.first + em[0], []
        for e in em[1:]:
            best, arg = (d.unsqueeze(1) + self.trans).max(0)
            back.append(arg)
            d = best + e
        path = [int((d + self.last).argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        return path[::-1]


class Tagger(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.emb = nn.Embedding(n, 16, padding_idx=0)
        self.lin = nn.Linear(16, len(TAGS))
        self.crf = CRF(len(TAGS))

    def emissions(self, x):
        return self.lin(self.emb(x))


def batchify(rows, vocab):
    w = max(map(len, rows))
    x = torch.tensor([[vocab[a] for a, _ in s] + [0] * (w - len(s)) for s in rows])
    y = torch.tensor([[T[t] for _, t in s] + [0] * (w - len(s)) for s in rows])
    return x, y, (x != 0).float()


def accuracy(model, rows, vocab):
    model.eval()
    hit = n = 0
    for s in rows:
        x, _, _ = batchify([s], vocab)
        with torch.no_grad():
            path = model.crf.viterbi(model.emissions(x)[0])
        amb = [(p, T[t]) for p, (w, t) in zip(path, s) if w in NV]
        hit += sum(p == t for p, t in amb)
        n += len(amb)
    return hit / n


if __name__ == "__main__":
    r = random.Random(31)
    torch.manual_seed(31)
    pool = list({" ".join(w for w, _ in s): s for s in (sentence(r) for _ in range(1700))}.values())
    test, train = pool[:200], pool[200:]
    vocab = {w: i for i, w in enumerate(sorted({w for s in train for w, _ in s}), 1)}
    test = [s for s in test if all(w in vocab for w, _ in s)]
    model = Tagger(len(vocab) + 1)
    opt = torch.optim.Adam(model.parameters(), lr=0.03)
    for epoch in range(5):
        model.train()
        r.shuffle(train)
        total = 0.0
        for i in range(0, len(train), 50):
            x, y, m = batchify(train[i:i + 50], vocab)
            loss = model.crf.nll(model.emissions(x), y, m)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(x)
        print(f"epoch {epoch}  nll/token {total / len(train):.4f}  noun-or-verb words right: test {accuracy(model, test, vocab):.3f}  train {accuracy(model, train[:200], vocab):.3f}")
