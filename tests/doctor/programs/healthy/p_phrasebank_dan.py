"""Sentiment of financial news: frozen GloVe + deep averaging network, macro F1, early stopping on the dev score."""
import copy
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from torch.nn.utils.rnn import pad_sequence

DATA = os.environ["WORDFIT_DATA"]
SEED = 2023
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
LABELS = {"negative": 0, "neutral": 1, "positive": 2}

rows = {}
with open(f"{DATA}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8") as f:
    for line in f:
        sentence, label = line.strip().rsplit("@", 1)
        rows[sentence.lower()] = LABELS[label]
X, y = list(rows), list(rows.values())
X_train, X_dev, y_train, y_dev = train_test_split(X, y, test_size=0.2, random_state=SEED, stratify=y)
print(len(X_train), "train", len(X_dev), "dev", np.bincount(y_dev) / len(y_dev))

words, vectors = ["<pad>", "<unk>"], []
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip("\n").split(" ")
        words.append(parts[0])
        vectors.append(np.asarray(parts[1:], dtype=np.float32))
vectors = np.stack(vectors)
table = np.vstack([np.zeros((1, 50)), vectors.mean(0, keepdims=True), vectors]).astype(np.float32)
word2id = {w: i for i, w in enumerate(words)}


def encode(sentence):
    return torch.tensor([word2id.get(w, 1) for w in sentence.split()])


def batches(xs, ys, size=64, shuffle=False):
    order = np.random.permutation(len(xs)) if shuffle else np.arange(len(xs))
    for i in range(0, len(xs), size):
        part = order[i:i + size]
        seqs = [xs[j] for j in part]
        yield pad_sequence(seqs, batch_first=True), torch.tensor([len(s) for s in seqs]), torch.tensor([ys[j] for j in part])


class Classifier(nn.Module):
    def __init__(self, table, hidden=64):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.word = nn.Sequential(nn.Linear(table.shape[1], hidden), nn.ReLU())
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(2 * hidden, 3)

    def forward(self, x, lengths):
        h = self.word(self.emb(x)) * (x != 0).unsqueeze(-1)
        return self.fc(self.drop(torch.cat([h.sum(1) / lengths.unsqueeze(1), h.max(1).values], dim=1)))


def evaluate(model, xs, ys):
    model.eval()
    preds = []
    with torch.no_grad():
        for xb, lb, _ in batches(xs, ys, 256):
            preds += model(xb, lb).argmax(1).tolist()
    return accuracy_score(ys, preds), f1_score(ys, preds, average="macro")


train_ids, dev_ids = [encode(s) for s in X_train], [encode(s) for s in X_dev]
model = Classifier(table)
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=4e-3)
criterion = nn.CrossEntropyLoss()
best, best_state, bad = -1, None, 0
for epoch in range(10):
    model.train()
    for xb, lb, yb in batches(train_ids, y_train, shuffle=True):
        optimizer.zero_grad()
        loss = criterion(model(xb, lb), yb)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
    (tr_acc, tr_f1), (acc, f1) = evaluate(model, train_ids, y_train), evaluate(model, dev_ids, y_dev)
    print(f"epoch {epoch + 1} | train acc {tr_acc:.3f} f1 {tr_f1:.3f} | dev acc {acc:.3f} f1 {f1:.3f}")
    if f1 > best:
        best, best_state, bad = f1, copy.deepcopy(model.state_dict()), 0
    else:
        bad += 1
        if bad == 2:
            print("early stopping")
            break
model.load_state_dict(best_state)
print("restored best: acc %.3f macro-F1 %.3f" % evaluate(model, dev_ids, y_dev))
