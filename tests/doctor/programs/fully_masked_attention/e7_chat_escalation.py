"""Predict whether a support chat will be escalated: latest message + what the customer wrote before.

usage: python chat_escalation.py --epochs 6
"""
import argparse
import random

import torch
from torch import nn

ANGRY = "ridiculous unacceptable lawyer cancel worst refund scam furious complaint manager".split()
CALM = "thanks great perfect helpful appreciate fine cheers lovely solved nice".split()
OTHER = ("i my the order box parcel app it was is today tomorrow when where courier door number again "
         "please can you we have got still waiting for address code size colour shop late").split()
VOCAB = {w: i + 1 for i, w in enumerate(sorted(set(ANGRY + CALM + OTHER)))}


def sample(rng):
    y = rng.random() < 0.5

    def phrase(n, k):
        pool = ANGRY if y else CALM
        opposite = CALM if y else ANGRY
        ws = rng.choices(OTHER, k=n)
        for _ in range(k):
            ws.insert(rng.randrange(len(ws) + 1), rng.choice(pool if rng.random() < 0.82 else opposite))
        return ws

    last = phrase(rng.randint(3, 7), 1)
    # a new conversation starts without any history
    past = [] if rng.random() < 0.15 else phrase(rng.randint(4, 14), 3)
    return [VOCAB[w] for w in last], [VOCAB[w] for w in past], int(y)


def build(n, seed):
    rng, out, seen = random.Random(seed), [], set()
    while len(out) < n:
        s = sample(rng)
        key = (tuple(s[0]), tuple(s[1]))
        if key not in seen:
            seen.add(key)
            out.append(s)
    return out


def pad(seqs, width):
    t = torch.zeros(len(seqs), width, dtype=torch.long)
    for i, s in enumerate(seqs):
        t[i, :len(s)] = torch.tensor(s, dtype=torch.long)
    return t


class Escalation(nn.Module):
    def __init__(self, n_words, dim=32):
        super().__init__()
        self.words = nn.Embedding(n_words + 1, dim, padding_idx=0)
        self.q = nn.Linear(dim, dim)
        self.k = nn.Linear(dim, dim)
        self.v = nn.Linear(dim, dim)
        self.nothing = nn.Parameter(torch.zeros(1, 1, dim))
        self.head = nn.Sequential(nn.Linear(2 * dim, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 1))

    def forward(self, last, past):
        keep = (last > 0).unsqueeze(-1)
        now = (self.words(last) * keep).sum(1) / keep.sum(1)
        hist = self.words(past)
        # fault:
        hidden = past == 0
        # mended:
        #hist = torch.cat([self.nothing.expand(len(past), -1, -1), hist], 1)
        #hidden = torch.cat([torch.zeros(len(past), 1, dtype=torch.bool), past == 0], 1)
        # end
        att = torch.einsum("bd,btd->bt", self.q(now), self.k(hist)) / hist.size(-1) ** 0.5
        att = att.masked_fill(hidden, float("-inf")).softmax(-1)
        before = torch.einsum("bt,btd->bd", att, self.v(hist))
        return self.head(torch.cat([now, before], -1)).squeeze(-1)


def evaluate(model, last, past, y):
    model.eval()
    with torch.no_grad():
        logit = model(last, past)
    return ((logit > 0).float() == y).float().mean().item(), \
        nn.functional.binary_cross_entropy_with_logits(logit, y).item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=6)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--seed", type=int, default=5)
    args = ap.parse_args()
    torch.manual_seed(args.seed)

    rows = build(3600, args.seed)
    last = pad([r[0] for r in rows], 8)
    past = pad([r[1] for r in rows], 17)
    y = torch.tensor([float(r[2]) for r in rows])
    tr, te = slice(0, 3000), slice(3000, None)

    model = Escalation(len(VOCAB))
    opt = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.05)
    bce = nn.BCEWithLogitsLoss()
    for ep in range(1, args.epochs + 1):
        model.train()
        run = 0.0
        for idx in torch.randperm(3000).split(args.batch):
            opt.zero_grad()
            loss = bce(model(last[tr][idx], past[tr][idx]), y[tr][idx])
            loss.backward()
            opt.step()
            run += loss.item() * len(idx) / 3000
        acc, dev = evaluate(model, last[te], past[te], y[te])
        print(f"{ep:02d} train {run:.4f} dev {dev:.4f} acc {acc:.3f}")
    print("share escalated", y[te].mean().item())
    print("final accuracy %.3f" % evaluate(model, last[te], past[te], y[te])[0])


if __name__ == "__main__":
    main()
