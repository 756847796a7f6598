"""Kim-style CNN, small: does a sentence come from a film review, a gadget review, the business news or Twitter?
Words only, no punctuation. Vectors stay as they are; plain SGD."""
import argparse
import gzip
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]


SOURCES = [("film", "sentiment/MR/rt-polarity.pos"), ("gadget", "sentiment/CR/custrev.pos"),
           ("finance", "sentiment/financial-phrasebank/Sentences_50Agree.txt"), ("tweet", "sentiment/umsab-multilingual/english/train_text.txt")]


def load_sources(n_per_class):
    seen, out = set(), []
    for y, (_, name) in enumerate(SOURCES):
        k = 0
        for line in open(os.path.join(DATA, name), encoding="utf-8", errors="ignore"):
            t = [w for w in line.split("@")[0 if y == 2 else -1].lower().split() if w.isalpha() and w != "user"]
            key = " ".join(t)
            if key in seen or len(t) < 5:
                continue
            seen.add(key)
            out.append((t, y))
            k += 1
            if k == n_per_class:
                break
    return out


class CNN(nn.Module):
    def __init__(self, vectors, maps=24, widths=(1, 2)):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(vectors.size(1), maps, w) for w in widths])
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(maps * len(widths) + vectors.size(1), len(SOURCES))

    def forward(self, x):
        e = self.embed(x).permute(0, 2, 1)
        pooled = [F.relu(c(e)).amax(2) for c in self.convs]
        pooled.append(e.sum(2) / (x > 0).sum(1, keepdim=True).clamp(min=1))
        return self.fc(self.dropout(torch.cat(pooled, 1)))


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def main(args):
    torch.manual_seed(args.seed)
    rs = np.random.RandomState(args.seed)
    rows = load_sources(1300)
    rs.shuffle(rows)
    w2v = {}
    with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
        for line in f:
            word, vals = line.split(" ", 1)
            w2v[word] = vals
    rows = [(t, y) for t, y in rows if any(w in w2v for w in t)]
    words = sorted({w for t, _ in rows for w in t if w in w2v})
    ids = {w: i + 1 for i, w in enumerate(words)}
    vectors = torch.zeros(len(words) + 1, 50)
    vectors[1:] = torch.from_numpy(np.array([w2v[w].split() for w in words], dtype=np.float32))
    x = torch.zeros(len(rows), 28, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        s = [ids[w] for w in t if w in ids][:28]
        x[i, :len(s)] = torch.tensor(s)
    y = torch.tensor([l for _, l in rows])
    n = len(rows) - 700
    model = CNN(vectors)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=args.lr, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)
    for epoch in range(1, args.epochs + 1):
        model.train()
        total = 0.0
        for idx in torch.randperm(n).split(args.batch):
            # fault:
            # mended:
            # optimizer.zero_grad()
            # end
            loss = F.cross_entropy(model(x[idx]), y[idx])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(idx)
        scheduler.step()
        print("Epoch %d | loss %.3f | train %.3f | dev %.3f" % (epoch, total / n, evaluate(model, x[:n], y[:n]), evaluate(model, x[n:], y[n:])))


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--lr", type=float, default=0.02)
    ap.add_argument("--batch", type=int, default=50)
    ap.add_argument("--epochs", type=int, default=5)
    ap.add_argument("--seed", type=int, default=0)
    main(ap.parse_args())
