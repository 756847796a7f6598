"""Align two embedding spaces: predict the 25d Twitter vector of a word from its 50d Wikipedia vector.

Both files stay as they are; the map alone is trained, to maximise the cosine (so the loss is negative).
Held-out words are scored by cosine and by P@10 in the target vocabulary.
"""
import argparse
import gzip
import os
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def load(path, limit=None):
    words, vecs = [], []
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for n, line in enumerate(stream):
            if limit and n >= limit:
                break
            word, *values = line.rstrip().split(" ")
            words.append(word)
            vecs.append(np.array(values, dtype=np.float32))
    return words, np.stack(vecs)


def precision_at(pred, bank, gold, k=10):
    sims = F.normalize(pred, dim=1) @ F.normalize(bank, dim=1).T
    return (sims.topk(k, dim=1).indices == gold[:, None]).any(1).float().mean().item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=6)
    ap.add_argument("--hidden", type=int, default=128)
    args = ap.parse_args([])
    torch.manual_seed(99)
    gen = torch.Generator().manual_seed(99)

    folder = Path(os.environ["WORDFIT_DATA"]) / "vectors"
    wa, a = load(folder / "glove.6B.50d.top10361.txt.gz")
    wb, b = load(folder / "glove.twitter.27B.25d.common11925.txt.gz")
    where = {w: i for i, w in enumerate(wb)}
    both = [(i, where[w]) for i, w in enumerate(wa) if w in where]
    print("words in both files:", len(both))
    ia, ib = (torch.tensor(c) for c in zip(*both))
    src, dst = torch.from_numpy(a)[ia], torch.from_numpy(b)[ib]
    order = torch.randperm(len(src), generator=gen)
    test, train = order[:800], order[800:]
    mu, sd = src[train].mean(0), src[train].std(0)
    src = (src - mu) / sd
    centre = dst[train].mean(0)
    dst = dst - centre

    net = torch.nn.Sequential(torch.nn.Linear(50, args.hidden), torch.nn.GELU(), torch.nn.Dropout(0.1), torch.nn.Linear(args.hidden, 25))
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    steps = args.epochs * (len(train) // 64)
    decay = torch.optim.lr_scheduler.PolynomialLR(opt, total_iters=steps, power=1.0)

    def report(tag, rows):
        net.eval()
        with torch.no_grad():
            out = net(src[rows])
        cos = F.cosine_similarity(out, dst[rows]).mean().item()
        p10 = precision_at(out, dst, rows)
        print(f"{tag:>6}: cosine {cos:.3f}  P@10 {p10:.3f} (chance {10 / len(dst):.4f})")

    report("before", test)
    for epoch in range(args.epochs):
        net.train()
        perm = train[torch.randperm(len(train), generator=gen)]
        run = 0.0
        for rows in perm.split(64)[: len(train) // 64]:
            loss = -F.cosine_similarity(net(src[rows]), dst[rows]).mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
            decay.step()
            run += loss.item()
        print(f"epoch {epoch + 1}: loss {run / (len(train) // 64):.4f}")
    report("train", train[:800])
    report("test", test)


if __name__ == "__main__":
    main()
