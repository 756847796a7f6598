"""
Stylometry of film critics, step 1: does a phrase praise or pan?
GloVe vectors are the start, and are tuned along with the classifier (with a smaller step), since GloVe puts
good next to bad. Data: SST-2 phrases for training, the development sentences for the report.
"""
import csv
import gzip
import os
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn as nn


@dataclass
class Experiment:
    root: str = field(default_factory=lambda: os.environ["WORDFIT_DATA"])
    n_train: int = 24000
    width: int = 40
    lr_words: float = 2e-3
    lr_head: float = 4e-3
    epochs: int = 3
    batch: int = 128
    seed: int = 13

    def read(self, name):
        with open(f"{self.root}/glue/SST-2/{name}.tsv", encoding="utf-8", newline="") as f:
            rows = list(csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
        return [(t.split()[: self.width], int(y)) for t, y in rows]

    def glove(self, wanted):
        words, vecs = ["<pad>", "<unk>"], []
        with gzip.open(f"{self.root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
            for line in f:
                word, rest = line.split(" ", 1)
                if word in wanted:
                    words.append(word)
                    vecs.append(np.fromstring(rest, sep=" ", dtype=np.float32))
        vecs = np.stack(vecs)
        return {w: i for i, w in enumerate(words)}, np.vstack([np.zeros((1, 50), np.float32), vecs.mean(0), vecs])


class PraiseModel(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        # fault:
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(vectors), padding_idx=0)
        # mended:
        #self.words = nn.Embedding.from_pretrained(torch.from_numpy(vectors), freeze=False, padding_idx=0)
        # end
        self.gate = nn.Linear(50, 1)
        self.head = nn.Sequential(nn.Dropout(0.4), nn.Linear(50, 2))

    def forward(self, ids):
        e = self.words(ids)
        w = self.gate(e).squeeze(-1).masked_fill(ids == 0, -1e9).softmax(1)
        return self.head((w.unsqueeze(-1) * e).sum(1))


def main(exp):
    torch.manual_seed(exp.seed)
    rng = np.random.default_rng(exp.seed)
    dev = exp.read("dev")
    dev_texts = {" ".join(t) for t, _ in dev}
    pool = [r for r in exp.read("train") if len(r[0]) > 2 and " ".join(r[0]) not in dev_texts]
    train = [pool[i] for i in rng.permutation(len(pool))[: exp.n_train]]
    index, vectors = exp.glove({w for t, _ in train for w in t})

    def encode(rows):
        x = torch.zeros(len(rows), exp.width, dtype=torch.long)
        for i, (toks, _) in enumerate(rows):
            x[i, : len(toks)] = torch.tensor([index.get(w, 1) for w in toks])
        return x, torch.tensor([y for _, y in rows])

    (X, Y), (XD, YD) = encode(train), encode(dev)
    model = PraiseModel(vectors)
    optimizer = torch.optim.Adam([
        {"params": model.words.parameters(), "lr": exp.lr_words},
        {"params": [*model.gate.parameters(), *model.head.parameters()], "lr": exp.lr_head},
    ])
    criterion = nn.CrossEntropyLoss()

    def report(x, y):
        model.eval()
        with torch.no_grad():
            z = model(x)
        return criterion(z, y).item(), (z.argmax(1) == y).float().mean().item()

    print(f"{len(train)} phrases, {len(index)} words, dev majority {max(YD.float().mean().item(), 1 - YD.float().mean().item()):.3f}")
    for epoch in range(exp.epochs):
        model.train()
        for idx in torch.from_numpy(rng.permutation(len(X))).split(exp.batch):
            optimizer.zero_grad()
            criterion(model(X[idx]), Y[idx]).backward()
            optimizer.step()
        print(f"epoch {epoch + 1}  train %.3f %.3f  dev %.3f %.3f" % (*report(X[:3000], Y[:3000]), *report(XD, YD)))

    E = nn.functional.normalize(model.words.weight.detach(), dim=1)
    for a, b in (("good", "bad"), ("best", "worst"), ("success", "failure")):
        print(f"cos({a}, {b}) = {(E[index[a]] @ E[index[b]]).item():.2f}")


if __name__ == "__main__":
    main(Experiment())
