"""Cross-lingual caption retrieval (Multi30k, English -> German), two bag-of-words towers, InfoNCE."""
import argparse
import collections
import gzip
import logging
import os
import re

import numpy as np
import torch
from torch import nn

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("retrieval")


def get_args():
    ap = argparse.ArgumentParser()
    ap.add_argument("--train-pairs", type=int, default=12000)
    ap.add_argument("--pool", type=int, default=300)
    ap.add_argument("--dim", type=int, default=48)
    ap.add_argument("--batch-size", type=int, default=128)
    ap.add_argument("--epochs", type=int, default=4)
    ap.add_argument("--lr", type=float, default=1e-2)
    ap.add_argument("--seed", type=int, default=5)
    return ap.parse_args()


def read(split, lang, n):
    path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k", f"{split}.{lang}.gz")
    out = []
    with gzip.open(path, "rt", encoding="utf8") as f:
        for line in f:
            out.append(re.findall(r"\w+", line.lower()))
            if len(out) == n:
                break
    return out


class Vocab:
    def __init__(self, sents, min_count=3):
        c = collections.Counter(w for s in sents for w in s)
        self.idx = {w: i for i, w in enumerate(w for w, k in c.most_common() if k >= min_count)}

    def __len__(self):
        return len(self.idx)

    def bags(self, sents):
        flat, off = [], []
        for s in sents:
            off.append(len(flat))
            flat.extend(self.idx[w] for w in s if w in self.idx)
        return torch.tensor(flat), torch.tensor(off)


class Tower(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, d, mode="mean")
        self.drop = nn.Dropout(0.2)

    def forward(self, bags):
        return nn.functional.normalize(self.drop(self.bag(*bags)), dim=-1)


class Matcher(nn.Module):
    def __init__(self, n_en, n_de, d):
        super().__init__()
        self.en, self.de = Tower(n_en, d), Tower(n_de, d)
        self.log_scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, en, de):
        return self.log_scale.exp() * self.en(en) @ self.de(de).T


@torch.no_grad()
def recall(model, en, de):
    model.eval()
    s = model(en, de)
    gold = torch.arange(len(s))
    order = s.argsort(1, descending=True)
    return (order[:, 0] == gold).float().mean().item(), (order[:, :5] == gold[:, None]).any(1).float().mean().item()


def main():
    args = get_args()
    torch.manual_seed(args.seed)
    rng = np.random.RandomState(args.seed)
    en, de = read("train", "en", args.train_pairs), read("train", "de", args.train_pairs)
    ven, vde = Vocab(en), Vocab(de)
    held = ven.bags(read("val", "en", args.pool)), vde.bags(read("val", "de", args.pool))
    tr = ven.bags(en[:args.pool]), vde.bags(de[:args.pool])
    model = Matcher(len(ven), len(vde), args.dim)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    steps = args.epochs * (args.train_pairs // args.batch_size)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
    log.info("vocab %d / %d", len(ven), len(vde))
    for ep in range(1, args.epochs + 1):
        model.train()
        perm, losses = rng.permutation(args.train_pairs), []
        for k in range(args.train_pairs // args.batch_size):
            ids = perm[k * args.batch_size:(k + 1) * args.batch_size]
            sim = model(ven.bags([en[i] for i in ids]), vde.bags([de[i] for i in ids]))
            gold = torch.arange(len(ids))
            loss = 0.5 * (nn.functional.cross_entropy(sim, gold) + nn.functional.cross_entropy(sim.T, gold))
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            losses.append(loss.item())
        r1, r5 = recall(model, *held)
        log.info("epoch %d loss %.3f  val R@1 %.3f R@5 %.3f (train R@1 %.3f)", ep, np.mean(losses), r1, r5, recall(model, *tr)[0])


if __name__ == "__main__":
    main()
