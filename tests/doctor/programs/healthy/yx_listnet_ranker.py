"""Rank answers for a query with ListNet. Lists have different lengths; scores and targets are masked before the softmax."""
import math
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

NEG = torch.finfo(torch.float32).min
DEPTH, DQ = 12, 10


class World:
    """Query and document features with a hidden bilinear relevance."""
    def __init__(self, seed):
        self.r = np.random.default_rng(seed)
        self.A = self.r.normal(size=(DQ, DQ)) / DQ ** .5

    def draw(self, n):
        q = self.r.normal(size=(n, DQ)).astype("f4")
        d = self.r.normal(size=(n, DEPTH, DQ)).astype("f4")
        raw = np.einsum("nq,qk,ndk->nd", q, self.A, d) / DQ ** .5 + .15 * self.r.normal(size=(n, DEPTH))
        grade = np.digitize(raw, [-.3, .5, 1.3]).astype("f4")       # 0..3
        length = self.r.integers(4, DEPTH + 1, n)
        mask = np.arange(DEPTH)[None] < length[:, None]
        d[~mask] = 0; grade[~mask] = 0
        return [torch.from_numpy(a) for a in (q, d, grade, mask)]


class Ranker(nn.Module):
    def __init__(self, rank=8):
        super().__init__()
        self.U = nn.Parameter(torch.randn(DQ, rank) * DQ ** -.5)
        self.V = nn.Parameter(torch.randn(DQ, rank) * DQ ** -.5)
        self.prior = nn.Parameter(torch.zeros(DQ))

    def forward(self, q, d):
        return torch.einsum("bq,qr,kr,bdk->bd", q, self.U, self.V, d) + d @ self.prior


def listnet(score, grade, mask):
    target = F.softmax(grade.masked_fill(~mask, NEG), 1)
    logp = F.log_softmax(score.masked_fill(~mask, NEG), 1)
    return -(target * logp.masked_fill(~mask, 0.)).sum(1).mean()


def ndcg(score, grade, mask, k=5):
    disc = 1 / torch.log2(torch.arange(2, k + 2).float())
    def dcg(order):
        g = grade.gather(1, order[:, :k])
        return ((2 ** g - 1) * disc).sum(1)
    got = dcg(score.masked_fill(~mask, NEG).argsort(1, descending=True))
    best = dcg(grade.masked_fill(~mask, -1).argsort(1, descending=True))
    keep = best > 0
    return (got[keep] / best[keep]).mean().item()


class History(list):
    def on_epoch(self, **kw):
        self.append(kw)
        print("  ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in kw.items()))


def main():
    torch.manual_seed(9)
    world = World(9)
    train, valid = world.draw(2500), world.draw(500)
    net = Ranker()
    groups = [{"params": [net.U, net.V], "lr": 2e-2}, {"params": [net.prior], "lr": 5e-3, "weight_decay": .1}]
    opt = torch.optim.AdamW(groups, weight_decay=0.)
    epochs, bs = 8, 50
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda e: .5 * (1 + math.cos(math.pi * e / epochs)))
    hist = History()
    with torch.no_grad():
        print("untrained ndcg@5", round(ndcg(net(*valid[:2]), *valid[2:]), 4))
    for epoch in range(epochs):
        losses = []
        for idx in torch.randperm(len(train[0])).split(bs):
            q, d, g, m = (t[idx] for t in train)
            opt.zero_grad()
            loss = listnet(net(q, d), g, m)
            loss.backward()
            opt.step()
            losses.append(loss.item())
        sched.step()
        with torch.no_grad():
            hist.on_epoch(epoch=epoch, loss=float(np.mean(losses)), valid_loss=listnet(net(*valid[:2]), *valid[2:]).item(),
                          train_ndcg=ndcg(net(*train[:2]), *train[2:]), ndcg=ndcg(net(*valid[:2]), *valid[2:]))


if __name__ == "__main__":
    main()
