"""Linear-chain CRF from bare tensors: forward algorithm, Viterbi, no nn.Module.

Toy shallow parsing: a made-up language with determiners, adjectives, nouns, verbs and some words that can be two things
(only the neighbours tell).
"""
import random
from typing import NamedTuple

import torch

TAGS = ["D", "A", "N", "V", "P"]
NEXT = {"^": "DN", "D": "AN", "A": "AN", "N": "VP", "V": "DPN", "P": "DN"}


class Params(NamedTuple):
    emb: torch.Tensor
    proj: torch.Tensor
    bias: torch.Tensor
    trans: torch.Tensor
    start: torch.Tensor


def lexicon(rng):
    syl = ["ka", "mo", "ti", "re", "lu", "so", "be", "ni"]
    pool = [a + b + c for a in syl for b in syl for c in syl[:4]]
    rng.shuffle(pool)
    lex = {"D": pool[:4], "A": pool[4:44], "N": pool[44:124], "V": pool[124:174], "P": pool[174:180]}
    lex["V"] += lex["N"][:25]          # may be a noun or a verb
    lex["A"] += lex["N"][60:75]        # may be a noun or an adjective
    return lex


def sentence(rng, lex):
    words, tags, prev = [], [], "^"
    for _ in range(rng.randint(5, 12)):
        prev = rng.choice(NEXT[prev])
        tags.append(TAGS.index(prev))
        words.append(rng.choice(lex[prev]))
    return words, tags


def batch(rows, vocab):
    lens = torch.tensor([len(w) for w, _ in rows])
    width = int(lens.max())
    ids, tags = torch.zeros(len(rows), width, dtype=torch.long), torch.zeros(len(rows), width, dtype=torch.long)
    for k, (w, t) in enumerate(rows):
        ids[k, :len(w)] = torch.tensor([vocab.get(x, 1) for x in w])
        tags[k, :len(t)] = torch.tensor(t)
    return ids, tags, torch.arange(width)[None] < lens[:, None]


def emissions(p, ids):
    return p.emb[ids] @ p.proj + p.bias


def log_z(p, em, mask):
    alpha = p.start + em[:, 0]
    for t in range(1, em.shape[1]):
        new = torch.logsumexp(alpha[:, :, None] + p.trans[None], 1) + em[:, t]
        alpha = torch.where(mask[:, t, None], new, alpha)
    return torch.logsumexp(alpha, 1)


def gold(p, em, tags, mask):
    unary = em.gather(2, tags[..., None]).squeeze(-1) * mask
    pair = p.trans[tags[:, :-1], tags[:, 1:]] * mask[:, 1:]
    return p.start[tags[:, 0]] + unary.sum(1) + pair.sum(1)


def viterbi(p, em, mask):
    out = []
    for e, m in zip(em, mask):
        n, score, back = int(m.sum()), p.start + e[0], []
        for t in range(1, n):
            best, arg = (score[:, None] + p.trans).max(0)
            score = best + e[t]
            back.append(arg)
        path = [int(score.argmax())]
        for arg in reversed(back):
            path.append(int(arg[path[-1]]))
        out.append(path[::-1])
    return out


def accuracy(p, rows, vocab):
    with torch.no_grad():
        ids, tags, mask = batch(rows, vocab)
        paths = viterbi(p, emissions(p, ids), mask)
    flat = [(a, b) for path, (_, t) in zip(paths, rows) for a, b in zip(path, t)]
    return sum(a == b for a, b in flat) / len(flat)


def main():
    rng = random.Random(12)
    torch.manual_seed(12)
    lex = lexicon(rng)
    train, dev = [sentence(rng, lex) for _ in range(900)], [sentence(rng, lex) for _ in range(120)]
    vocab = {w: i for i, w in enumerate(sorted({w for ws, _ in train for w in ws}), 2)}
    k = len(TAGS)
    p = Params(torch.randn(len(vocab) + 2, 12) * 0.3, torch.randn(12, k) * 0.3, torch.zeros(k), torch.zeros(k, k), torch.zeros(k))
    for t in p:
        t.requires_grad_()
    opt = torch.optim.Adam(p, lr=2e-2)
    for epoch in range(5):
        rng.shuffle(train)
        total = 0.0
        for i in range(0, len(train), 30):
            ids, tags, mask = batch(train[i:i + 30], vocab)
            em = emissions(p, ids)
            nll = (log_z(p, em, mask) - gold(p, em, tags, mask)).sum() / mask.sum()
            opt.zero_grad()
            nll.backward()
            opt.step()
            total += nll.item()
        print(f"epoch {epoch}: nll per word {total / (len(train) / 30):.3f} train {accuracy(p, train[:120], vocab):.3f} dev {accuracy(p, dev, vocab):.3f}")


main()
