# Tone of financial news sentences (negative / neutral / positive), Financial PhraseBank
# fixed Google News vectors, max + mean pooling, class weights because of the many neutral lines
import gzip
import os
import re

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(13)
rng = np.random.RandomState(13)
root = os.environ["WORDFIT_DATA"]
CLASSES = {"negative": 0, "neutral": 1, "positive": 2}

rows, seen = [], set()
with open(f"{root}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8") as f:
    for line in f:
        text, label = line.strip().rsplit("@", 1)
        toks = re.findall(r"[A-Za-z]+|\d+", text)
        key = " ".join("0" if t.isdigit() else t.lower() for t in toks)
        if key not in seen:
            seen.add(key)
            rows.append((toks, CLASSES[label]))
rng.shuffle(rows)
rows = [(list(t), int(y)) for t, y in rows]
train_rows, test_rows = rows[:2800], rows[3200:4200]

need = {w for t, _ in rows for w in t} | {w.lower() for t, _ in rows for w in t}
index, table = {"<pad>": 0}, [np.zeros(300, dtype=np.float32)]
with gzip.open(f"{root}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    n_words, width = map(int, f.readline().split())
    for line in f:
        word, numbers = line.split(" ", 1)
        if word in need:
            index[word] = len(table)
            table.append(np.array(numbers.split(), dtype=np.float32))
table = torch.from_numpy(np.stack(table))


def ids(toks):
    out = [index[w] if w in index else index.get(w.lower()) for w in toks]
    return [i for i in out if i is not None]


def prepare(rows):
    return [(torch.tensor(i), y) for i, y in ((ids(t), y) for t, y in rows) if i]


def collate(batch):
    return nn.utils.rnn.pad_sequence([x for x, _ in batch], batch_first=True), torch.tensor([y for _, y in batch])


class Tone(nn.Module):
    def __init__(self, table, hidden=48):
        super().__init__()
        self.vec = nn.Embedding.from_pretrained(table, padding_idx=0)
        self.proj = nn.Linear(table.size(1), hidden)
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(2 * hidden, 3)

    def forward(self, x):
        pad = (x == 0).unsqueeze(-1)
        h = torch.relu(self.proj(self.drop(self.vec(x)))).masked_fill(pad, 0.0)
        both = torch.cat([h.amax(1), h.sum(1) / (~pad).sum(1)], dim=1)
        return self.out(self.drop(both))


train_set, test_set = prepare(train_rows), prepare(test_rows)
loader = DataLoader(train_set, batch_size=64, shuffle=True, collate_fn=collate)
freq = torch.bincount(torch.tensor([y for _, y in train_set])).float()
weight = (freq.sum() / (3 * freq)) ** 0.5
model = Tone(table)
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=4e-3, weight_decay=0.05)
loss_fn = nn.CrossEntropyLoss(weight=weight)


@torch.no_grad()
def evaluate(data):
    model.eval()
    x, y = collate(data)
    out = model(x)
    pred = out.argmax(1)
    return loss_fn(out, y).item(), accuracy_score(y, pred), f1_score(y, pred, average="macro")


for epoch in range(7):
    model.train()
    for x, y in loader:
        opt.zero_grad()
        loss_fn(model(x), y).backward()
        opt.step()
    a, b = evaluate(train_set[:1000]), evaluate(test_set)
    print("epoch %d | train loss %.3f acc %.3f F1 %.3f | test loss %.3f acc %.3f F1 %.3f" % (epoch, *a, *b))
print("share of neutral in test:", np.mean([y == 1 for _, y in test_set]))
