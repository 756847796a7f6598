"""Mark dosage, drug and unit tokens in prescriptions. Own bidirectional cell, time-major, padded labels ignored."""
import random
import torch
from torch import nn

DRUGS = [a + b for a in ("cor", "vel", "amo", "ter", "zol", "pra") for b in ("xil", "pine", "tan", "mab", "dol")]
UNITS = "mg ml drops puffs tablets".split()
WORDS = "take twice daily after meals for pain with water until better every morning evening patient reports".split()
TAGS = ["O", "DRUG", "DOSE", "UNIT", "COUNT"]


def prescription(rng):
    out = [(w, 0) for w in rng.choices(WORDS, k=rng.randint(1, 4))]
    for _ in range(rng.randint(1, 2)):
        out += [(rng.choice(DRUGS), 1), (str(rng.choice((5, 10, 20, 50, 3, 7))), 2), (rng.choice(UNITS), 3)]
        out += [(w, 0) for w in rng.choices(WORDS, k=rng.randint(1, 3))]
    if rng.random() < 0.6:                    # the same numbers, but no unit follows
        out += [("for", 0), (str(rng.choice((5, 10, 20, 3, 7))), 4), (rng.choice(("days", "weeks")), 0)]
    return out


class Leaky(nn.Module):
    """minimal gated recurrence"""

    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.inp, self.rec = nn.Linear(d, 2 * h), nn.Linear(h, 2 * h, bias=False)
        nn.init.orthogonal_(self.rec.weight)

    def forward(self, x, keep, reverse=False):
        s, outs = x.new_zeros(x.size(1), self.h), [None] * x.size(0)
        for t in (reversed(range(x.size(0))) if reverse else range(x.size(0))):
            c, f = (self.inp(x[t]) + self.rec(s)).chunk(2, -1)
            f = torch.sigmoid(f + 1)
            s = torch.where(keep[t], f * s + (1 - f) * torch.tanh(c), s)
            outs[t] = s
        return torch.stack(outs)


class Tagger(nn.Module):
    def __init__(self, n_words, d=20, h=20):
        super().__init__()
        self.emb = nn.Embedding(n_words, d, padding_idx=0)
        self.fw, self.bw = Leaky(d, h), Leaky(d, h)
        self.drop, self.out = nn.Dropout(0.2), nn.Linear(2 * h, len(TAGS))

    def forward(self, ids):
        keep = (ids > 0).unsqueeze(-1)
        e = self.drop(self.emb(ids))
        return self.out(self.drop(torch.cat([self.fw(e, keep), self.bw(e, keep, reverse=True)], -1)))


class Fit:
    def __init__(self, train, dev):
        words = sorted({w for s in train for w, _ in s})
        self.idx = {w: i + 2 for i, w in enumerate(words)}
        self.train, self.dev = train, dev
        self.net = Tagger(len(words) + 2)
        self.opt = torch.optim.RMSprop(self.net.parameters(), lr=4e-3)
        self.ce = nn.CrossEntropyLoss(ignore_index=-100)

    def batch(self, sents):
        x = [torch.tensor([self.idx.get(w, 1) for w, _ in s]) for s in sents]
        y = [torch.tensor([t for _, t in s]) for s in sents]
        pad = nn.utils.rnn.pad_sequence
        return pad(x), pad(y, padding_value=-100)

    def epoch(self, size=32):
        self.net.train()
        order, tot, n = torch.randperm(len(self.train)).tolist(), 0.0, 0
        for i in range(0, len(order), size):
            x, y = self.batch([self.train[j] for j in order[i : i + size]])
            loss = self.ce(self.net(x).flatten(0, 1), y.flatten())
            self.opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            self.opt.step()
            tot, n = tot + loss.item(), n + 1
        return tot / n

    @torch.no_grad()
    def accuracy(self, sents):
        self.net.eval()
        x, y = self.batch(sents)
        ok, real = self.net(x).argmax(-1) == y, y >= 0
        num = (y == 2) | (y == 4)
        return ok[real].float().mean().item(), ok[num].float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(1)
    rng = random.Random(1)
    sents = [list(s) for s in dict.fromkeys(tuple(prescription(rng)) for _ in range(800))]
    fit = Fit(sents[:500], sents[500:750])
    for ep in range(4):
        print(f"epoch {ep} loss {fit.epoch():.4f} dev all %.3f numbers %.3f" % fit.accuracy(fit.dev))
    print("train all %.3f numbers %.3f" % fit.accuracy(fit.train))
