"""Learning to rank for a toy product search: ListNet (soft targets from graded relevance), NDCG@5 per query."""
import argparse
import logging
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(format="%(message)s", level=logging.INFO)
log = logging.getLogger("rank")

PRODUCTS = {"shoe": ["sneaker", "boot", "sandal"], "lamp": ["lantern", "light", "torch"], "bag": ["backpack", "purse", "tote"],
            "knife": ["blade", "cutter", "cleaver"], "chair": ["stool", "seat", "bench"], "shirt": ["tee", "blouse", "top"]}
TRAITS = {"cheap": ["budget", "bargain"], "red": ["crimson", "scarlet"], "small": ["tiny", "compact"],
          "wooden": ["oak", "pine"], "soft": ["padded", "cosy"], "modern": ["sleek", "stylish"]}
NOISE = "the of with our best seller ships free now item shop quality gift".split()


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--docs", type=int, default=8)
    p.add_argument("--dim", type=int, default=12)
    p.add_argument("--lr", type=float, default=0.02)
    p.add_argument("--epochs", type=int, default=6)
    p.add_argument("--seed", type=int, default=42)
    return p.parse_args([])


def pick(seq, g):
    return seq[int(torch.randint(len(seq), (1,), generator=g))]


def make_query(args, g):
    prods, traits = list(PRODUCTS), list(TRAITS)
    p, t = pick(prods, g), pick(traits, g)
    docs, grades = [], []
    for k in range(args.docs):
        dp = p if k < 4 else pick(prods, g)
        dt = t if k % 2 == 0 else pick(traits, g)
        docs.append([pick(PRODUCTS[dp], g), pick(TRAITS[dt], g)] + [pick(NOISE, g) for _ in range(4)])
        grades.append(2 * (dp == p) + (dt == t))            # 0 .. 3
    order = torch.randperm(args.docs, generator=g).tolist()
    return [p, t], [docs[i] for i in order], [grades[i] for i in order]


class TwoTower(nn.Module):
    def __init__(self, n, dim):
        super().__init__()
        self.query_words = nn.Embedding(n, dim)
        self.doc_words = nn.Embedding(n, dim)
        self.weight = nn.Embedding(n, 1)
        for e in (self.query_words, self.doc_words):
            nn.init.normal_(e.weight, std=0.3)
        nn.init.zeros_(self.weight.weight)

    def forward(self, q, d):                                 # (B, 2), (B, D, 6) -> (B, D)
        qv = self.query_words(q).sum(1)
        gate = torch.sigmoid(self.weight(d))
        dv = (gate * self.doc_words(d)).sum(2)
        return torch.einsum("bk,bdk->bd", qv, dv)


def listnet(scores, grades):
    return F.cross_entropy(scores, F.softmax(grades, dim=1))


def ndcg(scores, grades, k=5):
    gain = 2.0 ** grades - 1
    disc = 1.0 / torch.log2(torch.arange(2, k + 2).float())
    top = gain.gather(1, scores.argsort(1, descending=True)[:, :k])
    best = gain.sort(1, descending=True).values[:, :k]
    return ((top * disc).sum(1) / (best * disc).sum(1)).mean().item()


def main():
    args = parse()
    torch.manual_seed(args.seed)
    g = torch.Generator().manual_seed(args.seed)
    rows = [make_query(args, g) for _ in range(1600)]
    words = sorted({w for q, ds, _ in rows for w in q} | {w for _, ds, _ in rows for d in ds for w in d})
    idx = {w: i for i, w in enumerate(words)}
    Q = torch.tensor([[idx[w] for w in q] for q, _, _ in rows])
    D = torch.tensor([[[idx[w] for w in d] for d in ds] for _, ds, _ in rows])
    G = torch.tensor([gr for _, _, gr in rows]).float()
    tr, dev, te = slice(0, 1000), slice(1000, 1300), slice(1300, 1600)

    model = TwoTower(len(words), args.dim)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    floor = -(F.softmax(G[dev], 1) * F.log_softmax(G[dev], 1)).sum(1).mean().item()
    log.info("lower bound of the dev loss (entropy of the targets) %.4f, uniform %.4f", floor, math.log(args.docs))
    with torch.no_grad():
        log.info("random order: ndcg@5 %.4f", ndcg(torch.rand(300, args.docs), G[dev]))
        log.info("untrained:    ndcg@5 %.4f", ndcg(model(Q[dev], D[dev]), G[dev]))
    for epoch in range(args.epochs):
        for b in torch.randperm(1000).chunk(40):
            loss = listnet(model(Q[tr][b], D[tr][b]), G[tr][b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            s = model(Q[dev], D[dev])
            log.info("epoch %d  train batch %.4f  dev %.4f  ndcg@5 %.4f", epoch, loss.item(), listnet(s, G[dev]).item(), ndcg(s, G[dev]))
    with torch.no_grad():
        log.info("train ndcg@5 %.4f   test ndcg@5 %.4f", ndcg(model(Q[tr], D[tr]), G[tr]), ndcg(model(Q[te], D[te]), G[te]))


if __name__ == "__main__":
    main()
