# Which pooling for short reviews? 2 poolings x 2 seeds, frozen GloVe, the same small head for all of them.
import gzip
import itertools
import json
import os
import statistics as st
import time
import numpy as np
import torch

DATA = os.environ["WORDFIT_DATA"]
WORDS, ROWS = {}, []
with gzip.open(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for i, ln in enumerate(f):
        w, r = ln.split(" ", 1)
        WORDS[w] = i
        ROWS.append(np.array(r.split(), np.float32))
GLOVE = np.stack(ROWS)


def load(part):
    xs, ys = [], []
    for ln in open(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.{part}", encoding="utf-8"):
        lab, txt = ln.split(" ", 1)
        ids = [WORDS[t] for t in txt.lower().split() if t in WORDS]
        if ids:
            xs.append(GLOVE[ids])
            ys.append(int(lab))
    return xs, torch.tensor(ys)


POOL = {
    "mean": lambda m: m.mean(0),
    "mean+max+min": lambda m: np.concatenate([m.mean(0), m.max(0), m.min(0)]),
}
(train_x, train_y), (dev_x, dev_y) = load("train"), load("dev")


def run(pool, seed, epochs=5, bs=128, lr=6e-3, wd=1e-3):
    g = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    X = torch.tensor(np.stack([POOL[pool](m) for m in train_x]))
    D = torch.tensor(np.stack([POOL[pool](m) for m in dev_x]))
    mu, sd = X.mean(0), X.std(0)
    X, D = (X - mu) / sd, (D - mu) / sd
    head = torch.nn.Sequential(torch.nn.Linear(X.shape[1], 16), torch.nn.ReLU(), torch.nn.Dropout(0.3),
                               torch.nn.Linear(16, 2))
    opt = torch.optim.AdamW(head.parameters(), lr=lr, weight_decay=wd)
    cos = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    for _ in range(epochs):
        head.train()
        for ix in torch.randperm(len(X), generator=g).split(bs):
            opt.zero_grad(set_to_none=True)
            loss = torch.nn.functional.cross_entropy(head(X[ix]), train_y[ix])
            loss.backward()
            opt.step()
        cos.step()
    head.eval()
    with torch.inference_mode():
        return {"pool": pool, "seed": seed, "loss": round(loss.item(), 3),
                "train": (head(X).argmax(1) == train_y).float().mean().item(),
                "dev": (head(D).argmax(1) == dev_y).float().mean().item()}


if __name__ == "__main__":
    t0, results = time.process_time(), []
    for pool, seed in itertools.product(POOL, (0, 1)):
        results.append(run(pool, seed))
        print(json.dumps(results[-1]))
    for pool in POOL:
        d = [r["dev"] for r in results if r["pool"] == pool]
        print(f"{pool:14s} dev {st.mean(d):.4f} +- {st.stdev(d):.4f}")
    print(f"majority {max(dev_y.float().mean().item(), 1 - dev_y.float().mean().item()):.4f}; "
          f"{time.process_time() - t0:.1f} s for {len(results)} runs")
