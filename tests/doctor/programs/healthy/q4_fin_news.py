# Financial phrasebank, 3 classes. GloVe stays fixed (only ~4k sentences), class weights against the
# many neutral ones, label smoothing, gradients accumulated over 2 small batches.
import argparse
import gzip
import os
import random
import re
from collections import Counter

import numpy as np
import torch
from sklearn.metrics import balanced_accuracy_score, f1_score
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--data", default=os.environ["WORDFIT_DATA"])
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--accumulate", type=int, default=2)
parser.add_argument("--lr", type=float, default=4e-3)
args = parser.parse_args()

random.seed(11)
torch.manual_seed(11)
NAMES = ["negative", "neutral", "positive"]

sentences = {}
with open(os.path.join(args.data, "sentiment/financial-phrasebank/Sentences_50Agree.txt"), encoding="latin-1") as f:
    for line in f:
        text, _, label = line.strip().rpartition("@")
        tokens = tuple("0" if t[0].isdigit() else t for t in re.findall(r"[a-z]+|\d[\d.,]*|%", text.lower()))
        if len(tokens) > 2:
            sentences.setdefault(tokens, NAMES.index(label))
sentences = list(sentences.items())
random.shuffle(sentences)

wanted = {t for tokens, _ in sentences for t in tokens}
vocab, table = {"<pad>": 0}, [np.zeros(50, dtype=np.float32)]
with gzip.open(os.path.join(args.data, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        word, rest = line.split(" ", 1)
        if word in wanted:
            vocab[word] = len(table)
            table.append(np.array(rest.split(), dtype=np.float32))
table = torch.from_numpy(np.stack(table))

encoded = [([vocab[t] for t in tokens if t in vocab][:40], y) for tokens, y in sentences]
unique = {}
for ids, y in encoded:
    if len(ids) > 2:
        unique.setdefault(tuple(ids), y)
encoded = list(unique.items())
cut = int(0.8 * len(encoded))
train, dev = encoded[:cut], encoded[cut:]
counts = Counter(y for _, y in train)
weights = torch.tensor([(len(train) / (3 * counts[k])) ** 0.7 for k in range(3)])
print(len(train), len(dev), dict(counts), "weights", [round(w, 2) for w in weights.tolist()])


def batch(rows):
    x = torch.zeros(len(rows), max(len(r[0]) for r in rows), dtype=torch.long)
    for i, (ids, _) in enumerate(rows):
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([y for _, y in rows])


class NewsNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.word = nn.Linear(50, 48)
        self.gate = nn.Linear(50, 48)
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(96, 3)

    def forward(self, x):
        e = self.emb(x)
        keep = (x != 0).unsqueeze(-1)
        h = torch.tanh(self.word(e)) * torch.sigmoid(self.gate(e))
        mean = (h * keep).sum(1) / keep.sum(1)
        top = h.masked_fill(~keep, -2.0).amax(1)
        return self.out(self.drop(torch.cat([mean, top], 1)))


net = NewsNet()
trainable = [p for p in net.parameters() if p.requires_grad]
opt = torch.optim.AdamW(trainable, lr=args.lr, weight_decay=0.02)
train_loss = nn.CrossEntropyLoss(weight=weights, label_smoothing=0.05)
x_dev, y_dev = batch(dev)

for epoch in range(args.epochs):
    net.train()
    random.shuffle(train)
    parts = [train[i:i + 24] for i in range(0, len(train), 24)]
    parts = parts[:len(parts) // args.accumulate * args.accumulate]
    total = 0.0
    opt.zero_grad()
    for step, part in enumerate(parts, 1):
        x, y = batch(part)
        loss = train_loss(net(x), y)
        (loss / args.accumulate).backward()
        total += loss.item()
        if step % args.accumulate == 0:
            opt.step()
            opt.zero_grad()
    net.eval()
    with torch.no_grad():
        logits = net(x_dev)
        p = logits.argmax(1)
    print(f"epoch {epoch}: train {total / len(parts):.3f} dev {train_loss(logits, y_dev).item():.3f} acc {(p == y_dev).float().mean().item():.3f} "
          f"balanced {balanced_accuracy_score(y_dev, p):.3f} macro F1 {f1_score(y_dev, p, average='macro'):.3f}")
