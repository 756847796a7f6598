"""Target attention over a reading history (DIN style), listwise training, MRR on unseen readers."""
import math
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import nn


@dataclass
class Setup:
    sections: int = 12
    per_section: int = 22
    max_hist: int = 12
    width: int = 15
    slate: int = 10
    readers: int = 3600
    held_out: int = 400
    dim: int = 24
    lr: float = 5e-3
    batch: int = 80
    epochs: int = 8
    seed: int = 3
    log: list = field(default_factory=list)


def make_readers(s):
    rng = np.random.default_rng(s.seed)
    section_of = lambda i: (i - 1) // s.per_section
    all_items = np.arange(1, s.sections * s.per_section + 1)
    hist = np.zeros((s.readers, s.width), dtype=np.int64)
    slates = np.zeros((s.readers, s.slate), dtype=np.int64)
    gold = np.zeros(s.readers, dtype=np.int64)
    for r in range(s.readers):
        liked = rng.choice(s.sections, 2, replace=False)
        inside = all_items[np.isin(section_of(all_items), liked)]
        outside = all_items[~np.isin(section_of(all_items), liked)]
        n = rng.integers(4, s.max_hist + 1)
        picked = rng.choice(inside, n + 1, replace=False)
        hist[r, :n] = picked[:n]
        slates[r] = np.concatenate([picked[n:], rng.choice(outside, s.slate - 1, replace=False)])
        gold[r] = rng.integers(s.slate)
        slates[r, [0, gold[r]]] = slates[r, [gold[r], 0]]
    return torch.tensor(hist), torch.tensor(slates), torch.tensor(gold)


class InterestNet(nn.Module):
    def __init__(self, n_items, dim):
        super().__init__()
        self.items = nn.Embedding(n_items + 1, dim, padding_idx=0)
        nn.init.normal_(self.items.weight[1:], std=0.3)
        self.q = nn.Linear(dim, dim, bias=False)
        self.k = nn.Linear(dim, dim, bias=False)
        self.score = nn.Sequential(nn.Linear(3 * dim, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, hist, slate):
        h = self.items(hist)                                   # B, T, D
        c = self.items(slate)                                  # B, S, D
        att = self.q(c) @ self.k(h).transpose(1, 2) / math.sqrt(h.size(-1))
        # fault:
        mask = (hist != 0).unsqueeze(1)
        # mended:
        #mask = (hist == 0).unsqueeze(1)
        # end
        att = att.masked_fill(mask, -1e9).softmax(-1)
        interest = att @ h                                     # B, S, D
        return self.score(torch.cat([c, interest, c * interest], -1)).squeeze(-1)


def mean_reciprocal_rank(scores, gold):
    own = scores.gather(1, gold[:, None])
    rank = (scores > own).sum(1) + 1
    return (1.0 / rank.float()).mean().item(), (rank == 1).float().mean().item()


def run(s):
    torch.manual_seed(s.seed)
    hist, slates, gold = make_readers(s)
    cut = s.readers - s.held_out
    net = InterestNet(s.sections * s.per_section, s.dim)
    opt = torch.optim.AdamW(net.parameters(), lr=s.lr, weight_decay=0.05)
    for epoch in range(1, s.epochs + 1):
        net.train()
        total = 0.0
        for idx in torch.randperm(cut).split(s.batch):
            loss = nn.functional.cross_entropy(net(hist[idx], slates[idx]), gold[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            out = net(hist[cut:], slates[cut:])
            dev = nn.functional.cross_entropy(out, gold[cut:]).item()
            mrr, hit = mean_reciprocal_rank(out, gold[cut:])
        s.log.append(mrr)
        print(f"{epoch:2d} | train {total / cut:.3f} | held-out {dev:.3f} | MRR {mrr:.3f} | hit@1 {hit:.3f}")
    print("final MRR %.3f (random ranking %.3f)" % (s.log[-1], np.mean(1 / np.arange(1, s.slate + 1))))


if __name__ == "__main__":
    run(Setup())
