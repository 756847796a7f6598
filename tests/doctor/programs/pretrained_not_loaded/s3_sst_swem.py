"""SWEM baseline for the sentiment homework (word2vec + mean pooling). Usage: python s3_sst_swem.py --epochs 8"""
import argparse
import gzip
import os
import random
import re
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--lr", type=float, default=2e-3)
parser.add_argument("--bs", type=int, default=64)
parser.add_argument("--n_train", type=int, default=3000)
parser.add_argument("--hidden", type=int, default=48)
parser.add_argument("--seed", type=int, default=7)
args = parser.parse_args()
print("args:", vars(args))

random.seed(args.seed)
np.random.seed(args.seed)
torch.manual_seed(args.seed)

DATA = os.environ["WORDFIT_DATA"]
PAD, UNK = 0, 1


def read_split(name):
    rows = []
    with open(os.path.join(DATA, "sentiment/SST-2-sentences", "stsa.binary." + name), encoding="utf-8") as f:
        for line in f:
            label, text = line.rstrip("\n").split(" ", 1)
            rows.append((re.findall(r"[a-z']+|[!?]", text.lower()), int(label)))
    return [r for r in rows if r[0]]


def read_w2v(words):
    vecs = {}
    with gzip.open(os.path.join(DATA, "vectors/word2vec.GoogleNews.300d.13598words.txt.gz"), "rt", encoding="utf-8") as f:
        n_words, dim = map(int, f.readline().split())
        for line in f:
            w, rest = line.split(" ", 1)
            if w in words:
                vecs[w] = np.array(rest.split(), dtype=np.float32)
    assert all(len(v) == dim for v in vecs.values())
    return vecs


train_rows = read_split("train")
random.shuffle(train_rows)
train_rows = train_rows[:args.n_train]
dev_rows = read_split("dev")
seen = {" ".join(t) for t, _ in train_rows}
dev_rows = [r for r in dev_rows if " ".join(r[0]) not in seen]
print(f"{len(train_rows)} train / {len(dev_rows)} dev")

counts = Counter(w for t, _ in train_rows + dev_rows for w in t)
w2v = read_w2v(counts)
itos = ["<pad>", "<unk>"] + sorted(w2v)
stoi = {w: i for i, w in enumerate(itos)}
matrix = np.zeros((len(itos), 300), dtype=np.float32)
for w, v in w2v.items():
    matrix[stoi[w]] = v
print("vocab:", len(itos), "covered:", round(sum(counts[w] for w in w2v) / sum(counts.values()), 3))


class ReviewSet(Dataset):
    def __init__(self, rows):
        self.rows = [([stoi[w] for w in t if w in stoi] or [UNK], y) for t, y in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(batch):
    n = max(len(t) for t, _ in batch)
    x = torch.tensor([t + [PAD] * (n - len(t)) for t, _ in batch])
    return x, torch.tensor([y for _, y in batch])


class SWEM(nn.Module):
    def __init__(self, weights, hidden):
        super().__init__()
        self.embedding = nn.Embedding(weights.shape[0], weights.shape[1], padding_idx=PAD)
        # fault:
        self.embedding.from_pretrained(weights, freeze=True, padding_idx=PAD)
        # mended:
        #self.embedding = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=PAD)
        # end
        self.embedding.weight.requires_grad = False  # 3000 sentences are not enough to tune 300d vectors
        self.drop = nn.Dropout(0.3)
        self.fc1 = nn.Linear(weights.shape[1], hidden)
        self.fc2 = nn.Linear(hidden, 2)

    def forward(self, x):
        mask = (x != PAD).unsqueeze(-1)
        e = self.embedding(x)
        mean = (e * mask).sum(1) / mask.sum(1)
        return self.fc2(self.drop(F.relu(self.fc1(mean))))


train_loader = DataLoader(ReviewSet(train_rows), batch_size=args.bs, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(ReviewSet(dev_rows), batch_size=128, collate_fn=collate)
model = SWEM(torch.from_numpy(matrix), args.hidden)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=args.lr)


def run_eval(loader):
    model.eval()
    loss, ok, n = 0.0, 0, 0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            loss += F.cross_entropy(out, y, reduction="sum").item()
            ok += (out.argmax(1) == y).sum().item()
            n += len(y)
    return loss / n, ok / n


for epoch in range(1, args.epochs + 1):
    model.train()
    for x, y in train_loader:
        opt.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
    tl, ta = run_eval(train_loader)
    dl, da = run_eval(dev_loader)
    print(f"epoch {epoch:2d} train loss {tl:.3f} acc {ta:.3f} | dev loss {dl:.3f} acc {da:.3f}")
print("final dev accuracy: %.4f" % da)
