"""Reimplementation of BiLSTM-CRF (Huang, Xu, Yu 2015), time-major, log-likelihood summed over the batch.

Product titles: find BRAND and MODEL spans (BIO tags).  Span F1 on held-out titles.
"""
import random

import torch
from torch import nn

rnd = random.Random(11)
torch.manual_seed(11)
TAGS = ["O", "B-BRA", "I-BRA", "B-MOD", "I-MOD"]
PLAIN = [f"w{i}" for i in range(60)]
SHARED = [f"s{i}" for i in range(25)]            # tokens that brands, models and plain text all use
BRAND, MODEL = [f"b{i}" for i in range(25)], [f"m{i}" for i in range(25)]


def title():
    out = [(rnd.choice(PLAIN + SHARED), "O") for _ in range(rnd.randint(1, 4))]
    if rnd.random() < 0.85:
        out += [("by", "O"), (rnd.choice(BRAND), "B-BRA")]
        out += [(rnd.choice(SHARED), "I-BRA") for _ in range(rnd.randint(0, 2))]
    out += [(rnd.choice(PLAIN), "O")]
    if rnd.random() < 0.85:
        out += [(rnd.choice(MODEL), "B-MOD")]
        out += [(rnd.choice(SHARED), "I-MOD") for _ in range(rnd.randint(0, 2))]
    return out


titles = [title() for _ in range(1000)]
train, dev = titles[:800], titles[800:]
ids = {w: n for n, w in enumerate(["<pad>"] + PLAIN + SHARED + BRAND + MODEL + ["by"])}


def to_batch(rows):
    T = max(map(len, rows))
    w, t, m = torch.zeros(T, len(rows), dtype=torch.long), torch.zeros(T, len(rows), dtype=torch.long), torch.zeros(T, len(rows))
    for b, row in enumerate(rows):
        n = len(row)
        w[:n, b] = torch.tensor([ids[a] for a, _ in row])
        t[:n, b] = torch.tensor([TAGS.index(c) for _, c in row])
        m[:n, b] = 1
    return w, t, m


class BiLSTMCRF(nn.Module):
    def __init__(self, K=len(TAGS)):
        super().__init__()
        self.emb = nn.Embedding(len(ids), 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 16, bidirectional=True)
        self.emit = nn.Linear(32, K)
        self.trans = nn.Parameter(torch.zeros(K, K))       # from row to column
        self.start = nn.Parameter(torch.zeros(K))

    def emissions(self, w, m):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(w), m.sum(0).long(), enforce_sorted=False)
        return self.emit(nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0])[0])

    def neg_log_likelihood(self, w, t, m):
        e = self.emissions(w, m)
        gold = self.start[t[0]] + (e.gather(2, t.unsqueeze(2)).squeeze(2) * m).sum(0)
        gold = gold + (self.trans[t[:-1], t[1:]] * m[1:]).sum(0)
        alpha = self.start + e[0]
        for k in range(1, len(e)):
            step = torch.logsumexp(alpha.unsqueeze(2) + self.trans, dim=1) + e[k]
            alpha = torch.where(m[k].bool().unsqueeze(1), step, alpha)
        return (torch.logsumexp(alpha, dim=1) - gold).sum()

    @torch.no_grad()
    def viterbi(self, w, m):
        e, paths = self.emissions(w, m), []
        for b in range(e.size(1)):
            n = int(m[:, b].sum())
            score, back = self.start + e[0, b], []
            for k in range(1, n):
                best, arg = (score.unsqueeze(1) + self.trans).max(dim=0)
                score = best + e[k, b]
                back.append(arg)
            path = [int(score.argmax())]
            for arg in reversed(back):
                path.append(int(arg[path[-1]]))
            paths.append([TAGS[i] for i in reversed(path)])
        return paths


def spans(tags):
    found, begin = set(), None
    for i, tag in enumerate(tags + ["O"]):
        if begin is not None and not tag.startswith("I-"):
            found.add((begin, i, tags[begin][2:]))
            begin = None
        if tag.startswith("B-"):
            begin = i
    return found


def f1(model, rows):
    model.eval()
    w, _, m = to_batch(rows)
    got = [spans(p) for p in model.viterbi(w, m)]
    want = [spans([c for _, c in r]) for r in rows]
    hit = sum(len(a & b) for a, b in zip(got, want))
    return 2 * hit / (sum(map(len, got)) + sum(map(len, want)))


model = BiLSTMCRF()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(4):
    model.train()
    rnd.shuffle(train)
    total = 0.0
    for k in range(0, len(train), 20):
        loss = model.neg_log_likelihood(*to_batch(train[k:k + 20]))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item()
    print(f"epoch {epoch}: nll per title {total / len(train):.3f}, dev span f1 {f1(model, dev):.3f}")
print(f"train span f1 {f1(model, train[:200]):.3f}")
