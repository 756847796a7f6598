# Captions against news headlines (STS-B, column genre). Mean of embeddings, small MLP.
# Lightly adapted from my notebook "02_baseline.ipynb".
import csv
import os
import re

import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

torch.manual_seed(99)
folder = os.path.join(os.environ["WORDFIT_DATA"], "glue", "STS-B")


def read_rows(name, skip=()):
    rows = {}
    with open(os.path.join(folder, name), encoding="utf-8", newline="") as f:
        for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            if r["genre"] in ("main-captions", "main-news"):
                words = tuple(re.findall(r"[a-z]+", r["sentence1"].lower()))
                if len(words) > 2 and words not in skip:
                    rows[words] = int(r["genre"] == "main-news")
    return list(rows.items())


class SentenceDataset(Dataset):
    def __init__(self, rows, vocab=None):
        self.rows = rows
        if vocab is None:
            words = sorted({w for s, _ in rows for w in s})
            vocab = {"<pad>": 0, "<unk>": 1}
            for w in words:
                vocab[w] = len(vocab)
        self.vocab = vocab

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        words, label = self.rows[i]
        return torch.tensor([self.vocab.get(w, 1) for w in words]), label


def collate_fn(batch):
    xs, ys = zip(*batch)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


train_rows = read_rows("train.tsv")
train_ds = SentenceDataset(train_rows)
# fault:
dev_ds = SentenceDataset(read_rows("dev.tsv", skip={s for s, _ in train_rows}))
# mended:
# dev_ds = SentenceDataset(read_rows("dev.tsv", skip={s for s, _ in train_rows}), train_ds.vocab)
# end
print(f"train {len(train_ds)}  dev {len(dev_ds)}  vocabulary {len(train_ds.vocab)}")


class Averager(nn.Module):
    def __init__(self, n, dim=24, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(n, dim, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(dim, hidden), nn.ReLU(), nn.Dropout(0.3), nn.Linear(hidden, 2))

    def forward(self, x):
        mask = (x != 0).unsqueeze(-1)
        e = (self.emb(x) * mask).sum(1) / mask.sum(1).clamp(min=1)
        return self.mlp(e)


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
model = Averager(len(train_ds.vocab)).to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
train_dl = DataLoader(train_ds, batch_size=64, shuffle=True, collate_fn=collate_fn)
dev_dl = DataLoader(dev_ds, batch_size=256, collate_fn=collate_fn)


def evaluate(dl):
    model.eval()
    correct = loss = 0
    with torch.no_grad():
        for x, y in dl:
            logits = model(x.to(device)).cpu()
            loss += criterion(logits, y).item() * len(y)
            correct += (logits.argmax(1) == y).sum().item()
    return loss / len(dl.dataset), correct / len(dl.dataset)


for epoch in range(4):
    model.train()
    for x, y in train_dl:
        loss = criterion(model(x.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("epoch %d | train loss %.3f acc %.3f" % (epoch, *evaluate(train_dl)), "| dev loss %.3f acc %.3f" % evaluate(dev_dl))
