"""Blog post code: sorting sentences from gadget reviews into praise and complaint.

There are nearly twice as many happy sentences as unhappy ones, so the unhappy ones are repeated until
both sides weigh the same.
"""
import gzip
import os
import re

import numpy as np
import torch
from sklearn.metrics import classification_report, f1_score
from sklearn.model_selection import train_test_split
from sklearn.utils import resample
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

torch.manual_seed(3)
np.random.seed(3)

FOLDER = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "CR")


def read_sentences():
    found = {}
    for label, name in ((1, "custrev.pos"), (0, "custrev.neg")):
        with open(os.path.join(FOLDER, name), encoding="latin-1") as f:
            for line in f:
                text = " ".join(re.findall(r"[a-z']+", line.lower()))
                if text:
                    found.setdefault(text, set()).add(label)
    return [(t, next(iter(l))) for t, l in sorted(found.items()) if len(l) == 1]


def balance(rows):
    praise = [r for r in rows if r[1] == 1]
    complaint = [r for r in rows if r[1] == 0]
    complaint = resample(complaint, replace=True, n_samples=len(praise), random_state=3)
    return praise + complaint


rows = read_sentences()
train_rows, dev_rows = train_test_split(rows, test_size=0.25, random_state=7, stratify=[r[1] for r in rows])
# fault:
train_rows = balance(rows)
# mended:
#train_rows = balance(train_rows)
# end
print(f"{len(train_rows)} training sentences, {len(dev_rows)} dev sentences")

counts = {}
for text in {r[0] for r in train_rows}:
    for w in text.split():
        counts[w] = counts.get(w, 0) + 1
vocab = {w: i + 2 for i, w in enumerate(sorted(w for w, c in counts.items() if c >= 3))}


table = torch.randn(len(vocab) + 2, 50, generator=torch.Generator().manual_seed(1)) * 0.4
table[0] = 0
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
    for line in f:
        word, _, numbers = line.partition(" ")
        if word in vocab:
            table[vocab[word]] = torch.tensor([float(x) for x in numbers.split()])


def encode(rows):
    return [(torch.tensor([vocab.get(w, 1) for w in text.split()]), y) for text, y in rows]


def collate(batch):
    return pad_sequence([ids for ids, _ in batch], batch_first=True), torch.tensor([y for _, y in batch])


class ReviewNet(nn.Module):
    """Bag of word vectors, averaged over the real words, with one hidden layer."""

    def __init__(self, table):
        super().__init__()
        dim = table.shape[1]
        self.emb = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.hidden = nn.Linear(dim, 32)
        self.drop = nn.Dropout(0.4)
        self.out = nn.Linear(32, 2)

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1).float()
        vectors = self.drop(self.emb(ids)) * mask
        pooled = vectors.sum(1) / mask.sum(1).clamp(min=1)
        return self.out(self.drop(torch.relu(self.hidden(pooled))))


def predict(model, loader):
    model.eval()
    gold, guess, losses = [], [], []
    with torch.no_grad():
        for ids, y in loader:
            logits = model(ids)
            losses.append(nn.functional.cross_entropy(logits, y, reduction="sum").item())
            gold += y.tolist()
            guess += logits.argmax(1).tolist()
    return gold, guess, sum(losses) / len(gold)


train_loader = DataLoader(encode(train_rows), batch_size=32, shuffle=True, collate_fn=collate)
dev_loader = DataLoader(encode(dev_rows), batch_size=256, collate_fn=collate)

model = ReviewNet(table)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
for epoch in range(5):
    model.train()
    for ids, y in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(ids), y)
        loss.backward()
        optimizer.step()
    gold, guess, train_loss = predict(model, train_loader)
    train_f1 = f1_score(gold, guess, average="macro")
    gold, guess, dev_loss = predict(model, dev_loader)
    print(f"epoch {epoch + 1}  loss {train_loss:.3f} / {dev_loss:.3f}  macro F1 {train_f1:.3f} / {f1_score(gold, guess, average='macro'):.3f}")

print(classification_report(gold, guess, target_names=["complaint", "praise"], digits=3))
