"""How far do fixed GloVe averages go on IMDB? Idf-weighted averages under a maxout head, five-number report."""
import gzip
import os
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

DATA = os.environ["WORDFIT_DATA"]


@dataclass
class Study:
    per_class: int = 1300
    per_class_test: int = 400
    width: int = 200
    pieces: int = 3
    lr: float = 1e-2
    decay: float = 1e-2
    epochs: int = 9
    seed: int = 6


def reviews(split, n):
    """The file is sorted by label; the first n of each class are kept."""
    texts, ys, room = [], [], {0: n, 1: n}
    with gzip.open(f"{DATA}/sentiment/imdb/{split}.tsv.gz", "rt", encoding="utf8") as f:
        header = f.readline().rstrip("\n").split("\t")
        label, text = header.index("label"), header.index("text")
        for line in f:
            cols = line.rstrip("\n").split("\t")
            y = int(cols[label] in ("1", "pos"))
            if room[y]:
                room[y] -= 1
                ys.append(y)
                texts.append(re.findall(r"[a-z']+", cols[text].replace("<br />", " ").lower()))
            elif not any(room.values()):
                break
    return texts, ys


def vectors():
    vocab, rows = {}, [np.zeros(50, np.float32)]
    with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
        for line in f:
            w, *v = line.split(" ")
            vocab[w] = len(rows)
            rows.append(np.array(v, dtype=np.float32))
    return vocab, torch.from_numpy(np.stack(rows))


def encode(texts, ys, vocab, width):
    x = torch.zeros(len(texts), width, dtype=torch.long)
    for i, words in enumerate(texts):
        ids = [vocab[w] for w in words if w in vocab][-width:]
        x[i, :len(ids)] = torch.tensor(ids)
    return TensorDataset(x, torch.tensor(ys, dtype=torch.float32))


class Maxout(nn.Module):
    def __init__(self, table, idf, pieces):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.register_buffer("idf", idf)
        self.norm = nn.LayerNorm(table.size(1))
        self.drop = nn.Dropout(0.1)
        self.pieces = nn.Linear(table.size(1), 2 * pieces)

    def forward(self, x):
        w = self.idf[x].unsqueeze(-1)
        mean = (w * self.table(x)).sum(1) / w.sum(1)
        a, b = self.pieces(self.drop(self.norm(mean))).chunk(2, -1)
        return a.amax(-1) - b.amax(-1)


@torch.no_grad()
def report(model, loader):
    model.eval()
    z = torch.cat([model(x) for x, _ in loader])
    y = torch.cat([y for _, y in loader])
    pred = (z > 0).float()
    tp, tn = (pred * y).sum(), ((1 - pred) * (1 - y)).sum()
    loss = nn.functional.binary_cross_entropy_with_logits(z, y)
    return {"loss": loss.item(), "acc": ((tp + tn) / len(y)).item(), "sens": (tp / y.sum()).item(),
            "spec": (tn / (1 - y).sum()).item(), "pos rate": pred.mean().item()}


def main(s=Study()):
    torch.manual_seed(s.seed)
    vocab, table = vectors()
    texts, ys = reviews("train", s.per_class)
    test_texts, test_ys = reviews("test", s.per_class_test)
    known = {" ".join(t) for t in texts}
    test = [(t, y) for t, y in zip(test_texts, test_ys) if " ".join(t) not in known]
    df = Counter(w for t in texts for w in set(t) if w in vocab)
    idf = torch.zeros(len(table))
    for w, i in vocab.items():
        idf[i] = np.log((1 + len(texts)) / (1 + df[w])) + 0.05
    train_loader = DataLoader(encode(texts, ys, vocab, s.width), batch_size=50, shuffle=True)
    test_loader = DataLoader(encode(*zip(*test), vocab, s.width), batch_size=200)
    model = Maxout(table, idf, s.pieces)
    opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=s.lr, weight_decay=s.decay)
    for epoch in range(1, s.epochs + 1):
        model.train()
        total = 0.0
        for x, y in train_loader:
            loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() / len(train_loader)
        if epoch % 3 == 0:
            print(epoch, f"train {total:.3f}", {k: round(v, 3) for k, v in report(model, test_loader).items()})


if __name__ == "__main__":
    main()
