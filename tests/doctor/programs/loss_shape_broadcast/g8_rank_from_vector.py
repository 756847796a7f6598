"""How common is a word?  Regress the log frequency rank on the GloVe vector."""
import argparse
import gzip
import math
import os
from pathlib import Path

import torch
from torch import nn

ROOT = Path(os.environ["WORDFIT_DATA"])


def read_glove(path, limit):
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            word, *vals = line.rstrip("\n").split(" ")
            words.append(word)
            rows.append([float(v) for v in vals])
            if len(words) == limit:
                break
    return words, torch.tensor(rows)


class RankNet(nn.Module):
    def __init__(self, vectors, hidden, drop):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.norm = nn.LayerNorm(vectors.shape[1] + 1)
        self.body = nn.Sequential(
            nn.Linear(vectors.shape[1] + 1, hidden), nn.GELU(), nn.Dropout(drop), nn.Linear(hidden, 1))

    def forward(self, ids):
        v = self.lookup(ids)
        v = torch.cat([v, v.norm(dim=-1, keepdim=True)], dim=-1)
        return self.body(self.norm(v))


class Engine:
    def __init__(self, model, criterion, lr, steps):
        self.model, self.criterion = model, criterion
        weights = [p for p in model.parameters() if p.requires_grad]
        self.opt = torch.optim.AdamW(weights, lr=lr, weight_decay=1e-3)
        self.sched = torch.optim.lr_scheduler.OneCycleLR(self.opt, max_lr=lr, total_steps=steps)

    def step(self, ids, target):
        self.model.train()
        self.opt.zero_grad(set_to_none=True)
        pred = self.model(ids)
        # fault:
        loss = self.criterion(pred, target)
        # mended:
        #loss = self.criterion(pred.squeeze(-1), target)
        # end
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.opt.step()
        self.sched.step()
        return loss.item()

    @torch.no_grad()
    def r2(self, ids, target):
        self.model.eval()
        pred = self.model(ids).flatten()
        return 1 - ((pred - target) ** 2).mean().item() / target.var(unbiased=False).item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--limit", type=int, default=5000)
    ap.add_argument("--hidden", type=int, default=48)
    ap.add_argument("--drop", type=float, default=0.2)
    ap.add_argument("--epochs", type=int, default=20)
    ap.add_argument("--batch", type=int, default=64)
    ap.add_argument("--lr", type=float, default=5e-3)
    ap.add_argument("--seed", type=int, default=3)
    args = ap.parse_args()
    torch.manual_seed(args.seed)

    words, vectors = read_glove(ROOT / "vectors" / "glove.6B.50d.top10361.txt.gz", args.limit)
    rank = torch.tensor([math.log(i + 10.0) for i in range(len(words))])
    order = torch.randperm(len(words))
    cut = int(0.8 * len(words))
    train, test = order[:cut], order[cut:]
    mean, std = rank[train].mean(), rank[train].std()
    target = (rank - mean) / std

    model = RankNet(vectors, args.hidden, args.drop)
    steps = args.epochs * math.ceil(len(train) / args.batch)
    engine = Engine(model, nn.MSELoss(), args.lr, steps)
    for epoch in range(1, args.epochs + 1):
        shuffled = train[torch.randperm(len(train))]
        losses = [engine.step(b, target[b]) for b in shuffled.split(args.batch)]
        if epoch % 2 == 0:
            print(f"epoch {epoch:2d} mse {sum(losses) / len(losses):.4f} "
                  f"R2 train {engine.r2(train, target[train]):.3f} test {engine.r2(test, target[test]):.3f}")
    print("final R2 on unseen words: %.3f" % engine.r2(test, target[test]))


if __name__ == "__main__":
    main()
