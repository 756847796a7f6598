"""Customer review polarity with attention pooling, keywords only (stop words and rare words thrown out)."""
import argparse
import gzip
import os
import re
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split

ap = argparse.ArgumentParser()
ap.add_argument("--epochs", type=int, default=8)
ap.add_argument("--lr", type=float, default=2e-3)
ap.add_argument("--batch-size", type=int, default=64)
ap.add_argument("--min-count", type=int, default=3)
ap.add_argument("--seed", type=int, default=3)
args = ap.parse_args()
torch.manual_seed(args.seed)
rng = np.random.RandomState(args.seed)
root = os.environ["WORDFIT_DATA"]

STOP = set("a an the of to and in on it is was i you he she they we this that these those for with as at by be been are were am my your its "
           "their his her me or if so do does did have has had from which who there here will would can could 've 's 'm 'd 're".split())

texts, labels = [], []
for label, name in enumerate(["neg", "pos"]):
    with open(f"{root}/sentiment/CR/custrev.{name}", encoding="latin-1") as f:
        for line in f:
            texts.append([w for w in re.findall(r"[a-z']+", line.lower()) if w not in STOP])
            labels.append(label)
print("reviews", len(texts), "positive", sum(labels))

# the same sentence sometimes comes twice in the file, keep the first
seen, keep = set(), []
for i, t in enumerate(texts):
    key = " ".join(t)
    if key not in seen:
        seen.add(key)
        keep.append(i)
texts, labels = [texts[i] for i in keep], [labels[i] for i in keep]

tr_x, va_x, tr_y, va_y = train_test_split(texts, labels, test_size=0.2, random_state=args.seed, stratify=labels)
cnt = Counter(w for t in tr_x for w in t)
vocab = {"[PAD]": 0}
vocab.update({w: i + 1 for i, w in enumerate(w for w, c in cnt.most_common() if c >= args.min_count)})
print("vocab", len(vocab))

emb = rng.normal(0, 0.4, (len(vocab), 50)).astype(np.float32)
emb[0] = 0
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    hit = 0
    for line in f:
        w, rest = line.split(" ", 1)
        if w in vocab:
            emb[vocab[w]] = np.array(rest.split(), dtype=np.float32)
            hit += 1
print("glove hits", hit)


def pack(docs):
    ids = [[vocab[w] for w in d if w in vocab][:25] for d in docs]
    out = np.zeros((len(ids), max(1, max(map(len, ids)))), dtype=np.int64)
    for r, row in enumerate(ids):
        out[r, :len(row)] = row
    return torch.from_numpy(out)


class AttnPool(nn.Module):
    def __init__(self, weights):
        super().__init__()
        d = weights.shape[1]
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        self.proj = nn.Linear(d, 64)
        self.query = nn.Linear(64, 1, bias=False)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(64, 1)

    def forward(self, x):
        mask = x > 0
        h = torch.tanh(self.proj(self.drop(self.emb(x))))
        s = self.query(h).squeeze(-1)
        # fault:
        a = torch.softmax(s.masked_fill(~mask, float("-inf")), dim=1)
        # mended:
        #a = torch.softmax(s.masked_fill(~mask, -1e9), dim=1) * mask
        # end
        pooled = torch.bmm(a.unsqueeze(1), h).squeeze(1)
        return self.out(self.drop(pooled)).squeeze(-1)


X_tr, X_va = pack(tr_x), pack(va_x)
y_tr, y_va = torch.tensor(tr_y).float(), torch.tensor(va_y).float()
model = AttnPool(emb)
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=args.lr)
criterion = nn.BCEWithLogitsLoss()


def evaluate(X, y):
    model.eval()
    with torch.no_grad():
        logit = model(X)
        return criterion(logit, y).item(), ((logit > 0).float() == y).float().mean().item()


for epoch in range(args.epochs):
    model.train()
    order = torch.randperm(len(X_tr))
    running = 0.0
    for i in range(0, len(order), args.batch_size):
        b = order[i:i + args.batch_size]
        optimizer.zero_grad()
        loss = criterion(model(X_tr[b]), y_tr[b])
        loss.backward()
        optimizer.step()
        running += loss.item() * len(b)
    tl, ta = evaluate(X_tr, y_tr)
    vl, va = evaluate(X_va, y_va)
    print(f"Epoch {epoch + 1}: running {running / len(order):.4f} train {tl:.4f}/{ta:.4f} valid {vl:.4f}/{va:.4f}")
print("majority", round(max(y_va.mean().item(), 1 - y_va.mean().item()), 4))
print("VALID ACC", round(va, 4))
