"""Mood of financial news, three classes of very different size (neutral 59 %, positive 28 %, negative 13 %).

The loss is weighted by the class sizes, the score is the macro F1.
"""
import gzip
import os
import random
import re
from collections import Counter

import torch
from sklearn.metrics import confusion_matrix, f1_score
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

torch.manual_seed(2)
random.seed(2)
BASE = os.environ["WORDFIT_DATA"]
LABELS = ["negative", "neutral", "positive"]


def load_sentences():
    rows = {}
    with open(f"{BASE}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf8") as f:
        for line in f:
            sentence, label = line.strip().rsplit("@", 1)
            tokens = re.findall(r"[a-z]+|\d+|%", sentence.lower())
            tokens = tuple("<num>" if t.isdigit() else t for t in tokens)
            rows.setdefault(tokens, LABELS.index(label))
    rows = sorted(rows.items())
    random.shuffle(rows)
    return rows


rows = load_sentences()
train_rows, test_rows = rows[:3800], rows[3800:]
frequency = Counter(t for tokens, _ in train_rows for t in tokens)
stoi = {"<pad>": 0, "<unk>": 1}
for t, c in frequency.most_common():
    if c >= 3:
        stoi[t] = len(stoi)

weights = torch.randn(len(stoi), 50) * 0.3
weights[0] = 0.0
found = 0
with gzip.open(f"{BASE}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
    for line in f:
        word, _, numbers = line.partition(" ")
        if word in stoi:
            weights[stoi[word]] = torch.tensor([float(x) for x in numbers.split()])
            found += 1
print(f"{found} of {len(stoi)} words have a vector")


class MoodModel(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=False, padding_idx=0)
        self.drop = nn.Dropout(0.5)
        self.hidden = nn.Linear(50, 64)
        self.out = nn.Linear(64, 3)

    def forward(self, ids):
        real = (ids != 0).unsqueeze(-1)
        x = self.emb(ids)
        mean = (x * real).sum(1) / real.sum(1).clamp(min=1)
        h = torch.relu(self.hidden(self.drop(mean)))
        return self.out(self.drop(h))


def collate(batch):
    ids = pad_sequence([x for x, _ in batch], batch_first=True)
    return ids, torch.tensor([y for _, y in batch])


def encode(rows):
    return [(torch.tensor([stoi.get(t, 1) for t in tokens]), y) for tokens, y in rows]


train_loader = DataLoader(encode(train_rows), batch_size=64, shuffle=True, collate_fn=collate)
test_loader = DataLoader(encode(test_rows), batch_size=256, collate_fn=collate)
sizes = torch.bincount(torch.tensor([y for _, y in train_rows])).float()
criterion = nn.CrossEntropyLoss(weight=sizes.sum() / (3 * sizes))
model = MoodModel(weights)
optimizer = torch.optim.Adam([
    {"params": model.emb.parameters(), "lr": 3e-3},
    {"params": list(model.hidden.parameters()) + list(model.out.parameters()), "lr": 3e-3},
])


@torch.no_grad()
def run(loader):
    model.eval()
    gold, guess, loss = [], [], 0.0
    for ids, y in loader:
        logits = model(ids)
        loss += criterion(logits, y).item() * len(y)
        gold += y.tolist()
        guess += logits.argmax(-1).tolist()
    return loss / len(gold), f1_score(gold, guess, average="macro"), gold, guess


for epoch in range(7):
    model.train()
    for ids, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(ids), y)
        loss.backward()
        optimizer.step()
    a, b = run(train_loader)[:2]
    c, d, gold, guess = run(test_loader)
    print(f"epoch {epoch + 1}: train loss {a:.3f} F1 {b:.3f} | test loss {c:.3f} F1 {d:.3f}")

print(confusion_matrix(gold, guess))
accuracy = sum(g == p for g, p in zip(gold, guess)) / len(gold)
print(f"macro F1 {d:.3f}, accuracy {accuracy:.3f}, share of neutral {gold.count(1) / len(gold):.3f}")
