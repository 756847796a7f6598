"""Phrase polarity (SST-2, GLUE release), content words only, frozen Google News vectors, mean + two layers."""
import csv
import gzip
import os

import numpy as np
import torch
import torch.nn as nn

SEED, N_TRAIN = 13, 6000
DATA = os.environ["WORDFIT_DATA"]
STOP = set("""a an the of to and or in on at for with by from as that this these those it its 's is are was were be been being
has have had do does did he she they we you i his her their our your my me him them us who which what there here so than
then if into about up out over more most such can will would could should may might just one all some any own also""".split())

np.random.seed(SEED)
torch.manual_seed(SEED)


def google_news(wanted):
    out = {}
    with gzip.open(f"{DATA}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as fh:
        next(fh)                                    # header: number of words, width
        for line in fh:
            word, values = line.split(" ", 1)
            if word in wanted:
                out[word] = np.array(values.split(), dtype=np.float32)
    return out


def phrases(split, n=None):
    with open(f"{DATA}/glue/SST-2/{split}.tsv", encoding="utf-8") as fh:
        rows = [(r["sentence"].lower().split(), int(r["label"])) for r in csv.DictReader(fh, delimiter="\t", quoting=csv.QUOTE_NONE)]
    if n:
        rows = [rows[i] for i in np.random.permutation(len(rows))[:n]]
    return rows


train, dev = phrases("train", N_TRAIN), phrases("dev")
vec = google_news({w for words, _ in train + dev for w in words})
index = {}
for words, _ in train + dev:
    for w in words:
        if w in vec and w not in STOP and w.isalpha():
            index.setdefault(w, len(index))
E = torch.tensor(np.stack([vec[w] for w in index]))
E = (E - E.mean(0)) / E.std(0)


def make_batch(rows):
    flat, owner = [], []
    for k, (words, _) in enumerate(rows):
        for w in words:
            if w in index:
                flat.append(index[w])
                owner.append(k)
    return torch.tensor(flat), torch.tensor(owner), len(rows), torch.tensor([y for _, y in rows]).float()


class KeywordNet(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(E)
        self.net = nn.Sequential(nn.Dropout(0.4), nn.Linear(E.shape[1], hidden), nn.ReLU(), nn.Dropout(0.4), nn.Linear(hidden, 1))

    def forward(self, flat, owner, n):
        total = torch.zeros(n, E.shape[1]).index_add_(0, owner, self.table(flat))
        length = torch.bincount(owner, minlength=n).float().unsqueeze(1)
        # fault:
        return self.net(total / length).squeeze(1)
        # mended:
        # return self.net(total / length.clamp(min=1)).squeeze(1)
        # end


model = KeywordNet()
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=1e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(4):
    model.train()
    losses = []
    order = np.random.permutation(len(train))
    for start in range(0, len(train), 64):
        flat, owner, n, y = make_batch([train[i] for i in order[start:start + 64]])
        loss = bce(model(flat, owner, n), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        flat, owner, n, y = make_batch(dev)
        acc = ((model(flat, owner, n) > 0).float() == y).float().mean().item()
        flat, owner, n, y = make_batch(train)
        acc_tr = ((model(flat, owner, n) > 0).float() == y).float().mean().item()
    print(f"epoch {epoch + 1} loss {np.mean(losses):.4f} train acc {acc_tr:.4f} dev acc {acc:.4f}")
