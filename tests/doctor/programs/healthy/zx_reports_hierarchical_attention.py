"""Hierarchical attention (words -> sentences -> report) on generated inspection reports.

A report is "failed" when some sentence reports a serious defect that is not denied in that sentence.
"""
import random
import torch
from torch import nn, Tensor

random.seed(12)
torch.manual_seed(12)

PARTS = "valve pump hose tank seal cable panel filter".split()
BAD = "leaking cracked broken burnt".split()
FINE = "clean dry tight new painted".split()
FILL = "the was found today near side upper left again by us".split()
WORDS = ["<pad>"] + PARTS + BAD + FINE + FILL + ["not"]
IDX = {w: i for i, w in enumerate(WORDS)}


def sentence(kind: str) -> list[str]:
    part = ["the", random.choice(PARTS)]
    tail = random.choices(FILL, k=random.randint(0, 3))
    if kind == "bad":
        return part + ["was", random.choice(BAD)] + tail
    if kind == "denied":
        return part + ["was", "not", random.choice(BAD)] + tail
    return part + ["was", random.choice(FINE)] + tail


def report() -> tuple[list[list[str]], int]:
    failed = random.random() < 0.5
    n = random.randint(2, 5)
    kinds = [random.choice(["denied", "fine"]) for _ in range(n)]
    if failed:
        kinds[random.randrange(n)] = "bad"
    return [sentence(k) for k in kinds], int(failed)


class Pool(nn.Module):
    """additive attention over axis 1; `mask` is True where there is something"""

    def __init__(self, d: int):
        super().__init__()
        self.key = nn.Linear(d, d)
        self.query = nn.Parameter(torch.randn(d) / d ** 0.5)

    def forward(self, h: Tensor, mask: Tensor) -> Tensor:
        e = torch.tanh(self.key(h)) @ self.query
        a = e.masked_fill(~mask, float("-inf")).softmax(1)
        return (a.unsqueeze(2) * h).sum(1)


class HAN(nn.Module):
    def __init__(self, d: int = 16):
        super().__init__()
        self.emb = nn.Embedding(len(WORDS), d, padding_idx=0)
        self.conv = nn.Conv1d(d, 2 * d, 3, padding=1)
        self.words, self.sents = Pool(2 * d), Pool(2 * d)
        self.mid = nn.Sequential(nn.Linear(2 * d, 2 * d), nn.Tanh())
        self.out = nn.Linear(2 * d, 1)

    def forward(self, flat: Tensor, where: Tensor) -> Tensor:
        # flat: every sentence of the batch (S, W).  where: (B, N) row of flat, or -1 where a report is over
        h = self.conv(self.emb(flat).transpose(1, 2)).transpose(1, 2).relu()
        s = self.mid(self.words(h, flat != 0))
        there = where >= 0
        doc = s[where.clamp(min=0)]
        return self.out(self.sents(doc, there)).squeeze(1)


def batch(rows):
    sents = [s for r, _ in rows for s in r]
    flat = torch.zeros(len(sents), max(map(len, sents)), dtype=torch.long)
    for i, s in enumerate(sents):
        flat[i, : len(s)] = torch.tensor([IDX[w] for w in s])
    where = torch.full((len(rows), max(len(r) for r, _ in rows)), -1)
    k = 0
    for i, (r, _) in enumerate(rows):
        where[i, : len(r)] = torch.arange(k, k + len(r))
        k += len(r)
    return flat, where, torch.tensor([float(y) for _, y in rows])


def main():
    rows = [report() for _ in range(2900)]
    known = {str(r) for r, _ in rows[:2400]}
    train, dev = rows[:2400], [x for x in rows[2400:] if str(x[0]) not in known]
    model = HAN()
    opt = torch.optim.NAdam(model.parameters(), lr=6e-3)
    warm = torch.optim.lr_scheduler.LinearLR(opt, 0.1, 1.0, total_iters=30)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(5):
        random.shuffle(train)
        model.train()
        for i in range(0, len(train), 60):
            flat, where, y = batch(train[i : i + 60])
            loss = bce(model(flat, where), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            warm.step()
        model.eval()
        msg = []
        for name, part in (("train", train[:800]), ("dev", dev)):
            with torch.no_grad():
                flat, where, y = batch(part)
                z = model(flat, where)
            msg.append(f"{name} loss {bce(z, y).item():.3f} acc {((z > 0) == (y > 0)).float().mean().item():.3f}")
        print(f"epoch {epoch}: " + "   ".join(msg))


main()
