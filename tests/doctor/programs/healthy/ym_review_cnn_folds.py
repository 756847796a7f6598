"""Customer reviews (Hu & Liu), Kim-style CNN on frozen GloVe vectors, cross-validated."""
import argparse
import gzip
import logging
import os

import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import StratifiedKFold


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--folds", type=int, default=5)
    p.add_argument("--run-folds", type=int, default=1, help="how many of the folds to run")
    p.add_argument("--epochs", type=int, default=5)
    p.add_argument("--batch-size", type=int, default=50)
    p.add_argument("--filters", type=int, default=16)
    p.add_argument("--max-len", type=int, default=40)
    p.add_argument("--lr", type=float, default=5e-3)
    p.add_argument("--seed", type=int, default=17)
    return p.parse_args()


class Data:
    def __init__(self, root, max_len):
        seen, self.texts, self.y = set(), [], []
        for name, label in (("pos", 1), ("neg", 0)):
            with open(os.path.join(root, "sentiment", "CR", "custrev." + name), encoding="latin-1") as f:
                for line in f:
                    t = tuple(line.lower().split()[:max_len])
                    if len(t) >= 3 and t not in seen:
                        seen.add(t)
                        self.texts.append(t)
                        self.y.append(label)
        needed = {w for t in self.texts for w in t}
        self.index, rows = {"<pad>": 0, "<unk>": 1}, [np.zeros(50), np.zeros(50)]
        with gzip.open(os.path.join(root, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
            for line in f:
                w, v = line.rstrip().split(" ", 1)
                if w in needed:
                    self.index[w] = len(rows)
                    rows.append(np.array(v.split(), dtype=float))
        self.vectors = torch.tensor(np.array(rows), dtype=torch.float32)
        self.ids = [torch.tensor([self.index.get(w, 1) for w in t]) for t in self.texts]
        self.y = np.array(self.y)


class KimCNN(nn.Module):
    def __init__(self, vectors, filters):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(vectors.size(1), filters, k, padding=k - 1) for k in (1, 3))
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(2 * filters, 1)

    def forward(self, ids):
        x = self.emb(ids).transpose(1, 2)
        real = (ids != 0).unsqueeze(1)
        pooled = []
        for conv in self.convs:
            k = conv.kernel_size[0]
            # a window counts if it holds at least one word
            ok = nn.functional.max_pool1d(real.float(), k, stride=1, padding=0) if k == 1 else \
                nn.functional.max_pool1d(nn.functional.pad(real.float(), (k - 1, k - 1)), k, stride=1)
            pooled.append(torch.relu(conv(x)).masked_fill(ok == 0, 0.0).amax(-1))
        return self.fc(self.drop(torch.cat(pooled, 1))).squeeze(-1)


class Trainer:
    def __init__(self, model, args, log):
        self.model, self.args, self.log = model, args, log
        self.opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=args.lr, weight_decay=1e-4)
        self.loss = nn.BCEWithLogitsLoss()

    def loop(self, data, rows, train):
        self.model.train(train)
        rows = np.random.permutation(rows) if train else rows
        total = hits = 0
        size = self.args.batch_size if train else 250
        for s in range(0, len(rows), size):
            r = rows[s:s + size]
            x = nn.utils.rnn.pad_sequence([data.ids[i] for i in r], batch_first=True)
            y = torch.from_numpy(data.y[r]).float()
            with torch.set_grad_enabled(train):
                out = self.model(x)
                loss = self.loss(out, y)
            if train:
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
            total += loss.item() * len(r)
            hits += ((out > 0) == (y > 0)).sum().item()
        return total / len(rows), hits / len(rows)

    def fit(self, data, tr, te):
        for epoch in range(self.args.epochs):
            l, _ = self.loop(data, tr, True)
            (_, a), (lv, av) = self.loop(data, tr[::4], False), self.loop(data, te, False)
            self.log.info("  epoch %d  loss %.4f  train acc %.3f  test loss %.4f  acc %.3f", epoch + 1, l, a, lv, av)
        return av


def main():
    args = get_args()
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.INFO)
    log = logging.getLogger("cr-cnn")
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    data = Data(os.environ["WORDFIT_DATA"], args.max_len)
    log.info("%d reviews, majority %.3f", len(data.y), max(data.y.mean(), 1 - data.y.mean()))
    scores = []
    cv = StratifiedKFold(args.folds, shuffle=True, random_state=args.seed)
    for k, (tr, te) in enumerate(cv.split(data.y, data.y)):
        if k == args.run_folds:
            break
        log.info("fold %d", k)
        scores.append(Trainer(KimCNN(data.vectors, args.filters), args, log).fit(data, tr, te))
    log.info("mean accuracy %.3f", np.mean(scores))


if __name__ == "__main__":
    main()
