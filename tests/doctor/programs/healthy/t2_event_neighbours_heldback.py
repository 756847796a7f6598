"""Skip-gram with negative sampling on maintenance records: which parts are
handled together? Pairs from unseen records are ranked against random parts."""
import random

import torch

GROUPS, PER = 8, 9
PARTS = GROUPS * PER


class Records:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.names = list(range(PARTS))
        self.r.shuffle(self.names)

    def record(self):
        g = self.r.randrange(GROUPS)
        n = self.r.randint(5, 8)
        return tuple(self.names[g * PER + self.r.randrange(PER)] if self.r.random() < 0.85
                     else self.r.randrange(PARTS) for _ in range(n))

    def collect(self, n):
        out = {}
        while len(out) < n:
            out[self.record()] = None
        return list(out)


def pairs(records, reach=2):
    p = [(a, b) for rec in records for i, a in enumerate(rec)
         for b in rec[max(0, i - reach):i] + rec[i + 1:i + 1 + reach] if a != b]
    return torch.tensor(p)


class SkipGram:
    def __init__(self, n, dim, seed):
        g = torch.Generator().manual_seed(seed)
        self.centre = (torch.randn(n, dim, generator=g) * 0.2).requires_grad_()
        self.context = torch.zeros(n, dim, requires_grad=True)
        self.history = [torch.full((n, dim), 1e-6), torch.full((n, dim), 1e-6)]

    def score(self, a, b):
        return (self.centre[a] * self.context[b]).sum(-1)

    def loss(self, a, b, wrong):
        good = torch.nn.functional.logsigmoid(self.score(a, b))
        bad = torch.nn.functional.logsigmoid(-self.score(a.unsqueeze(1), wrong)).sum(1)
        return -(good + bad).mean()

    def update(self, loss, rate):
        """Adagrad, by hand."""
        tables = (self.centre, self.context)
        with torch.no_grad():
            for w, g, h in zip(tables, torch.autograd.grad(loss, tables), self.history):
                h += g * g
                w -= rate * g / h.sqrt()

    @torch.no_grad()
    def ranking(self, p, draws):
        """share of random parts that score below the true companion"""
        true = self.score(p[:, 0], p[:, 1]).unsqueeze(1)
        return (true > self.score(p[:, :1], draws)).float().mean().item()


def main():
    torch.manual_seed(5)
    src = Records(5)
    records = src.collect(2600)
    old, new = pairs(records[:2200]), pairs(records[2200:])
    freq = torch.bincount(old[:, 1], minlength=PARTS).float() ** 0.75
    print(f"{len(records)} records, {len(old)} pairs to learn, {len(new)} to check, {PARTS} parts")
    draws = torch.randint(0, PARTS, (len(new), 20))
    model = SkipGram(PARTS, 12, seed=5)
    for epoch in range(5):
        total = 0.0
        for part in torch.randperm(len(old)).split(128):
            batch = old[part]
            wrong = torch.multinomial(freq, len(batch) * 4, replacement=True).view(-1, 4)
            loss = model.loss(batch[:, 0], batch[:, 1], wrong)
            model.update(loss, rate=0.08)
            total += loss.item() * len(batch)
        print(f"epoch {epoch} loss {total / len(old):.4f} ranked above random parts {model.ranking(new, draws):.3f}")

    w = torch.nn.functional.normalize(model.centre.detach(), dim=1)
    near = (w @ w.T).fill_diagonal_(-2).argmax(1)
    group = {n: i // PER for i, n in enumerate(src.names)}
    same = sum(group[i] == group[int(j)] for i, j in enumerate(near)) / PARTS
    print(f"nearest part belongs to the same assembly: {same:.3f} (chance {(PER - 1) / (PARTS - 1):.3f})")


main()
