"""Language identification of short captions (character CNN), lab exercise 2."""
import argparse
import gzip
import os
import random

import torch
import torch.nn as nn
from sklearn.metrics import classification_report

LANGS = ["en", "de", "fr", "cs"]


def load(data, lang, n):
    with gzip.open(os.path.join(data, f"seq2seq/multi30k/train.{lang}.gz"), "rt", encoding="utf-8") as f:
        lines = [next(f).strip().lower() for _ in range(n)]
    # only a short piece from the middle of the sentence
    return sorted({l[8:32] for l in lines if len(l) >= 32})


class CharCNN(nn.Module):
    def __init__(self, n_chars, dim=16, width=48):
        super().__init__()
        self.lookup = nn.Embedding(n_chars, dim, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(dim, width, k) for k in (2, 3)])
        self.norm = nn.BatchNorm1d(2 * width)
        self.drop = nn.Dropout(0.3)
        self.cls = nn.Linear(2 * width, len(LANGS))

    def forward(self, x):
        e = self.lookup(x).transpose(1, 2)
        h = torch.cat([torch.relu(c(e)).amax(dim=2) for c in self.convs], dim=1)
        return self.cls(self.drop(self.norm(h)))


def main(args):
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    rows = [(t, k) for k, lang in enumerate(LANGS) for t in load(args.data, lang, args.per_lang)]
    random.shuffle(rows)
    cut = int(0.8 * len(rows))
    chars = {c: i + 2 for i, c in enumerate(sorted({c for t, _ in rows[:cut] for c in t}))}
    X = torch.tensor([[chars.get(c, 1) for c in t] for t, _ in rows])   # all pieces have 24 characters
    y = torch.tensor([k for _, k in rows])
    model = CharCNN(len(chars) + 2)
    opt = torch.optim.Adam(model.parameters(), lr=args.lr)
    loss_fn = nn.CrossEntropyLoss()
    for ep in range(args.epochs):
        model.train()
        order = torch.randperm(cut)
        for b in order.split(args.batch):
            opt.zero_grad()
            loss = loss_fn(model(X[b]), y[b])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            out = model(X[cut:])
            print("epoch %d: train loss %.3f | dev loss %.3f acc %.3f" % (ep, loss_fn(model(X[:cut]), y[:cut]), loss_fn(out, y[cut:]), (out.argmax(1) == y[cut:]).float().mean()))
    print(classification_report(y[cut:].numpy(), out.argmax(1).numpy(), target_names=LANGS, digits=3))


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--data", default=os.environ["WORDFIT_DATA"])
    p.add_argument("--per-lang", type=int, default=900)
    p.add_argument("--epochs", type=int, default=5)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--seed", type=int, default=0)
    main(p.parse_args())
