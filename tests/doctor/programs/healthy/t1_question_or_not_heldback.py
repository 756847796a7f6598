"""Question or statement? Tatoeba sentences with all punctuation taken away, a max-over-time CNN, four epochs.

Only the words are left: "you are late" against "are you late". Dropout is high, because the task is easy.
"""
import gzip
import os
import random
import re

import torch
from sklearn.metrics import classification_report
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(23)
torch.manual_seed(23)

PATH = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")
WIDTH = 12


def read():
    found = {}
    with gzip.open(PATH, "rt", encoding="utf8") as f:
        for line in f:
            english = line.split("\t")[0].strip()
            words = tuple(re.findall(r"[a-z']+", english.lower()))
            if 3 <= len(words) <= WIDTH and english[-1] in ".?":
                found.setdefault(words, set()).add(int(english[-1] == "?"))
    return [(words, labels.pop()) for words, labels in found.items() if len(labels) == 1]


rows = read()
questions = [r for r in rows if r[1] == 1]
statements = [r for r in rows if r[1] == 0]
rows = random.sample(questions, 4000) + random.sample(statements, 4000)
random.shuffle(rows)
train_rows, test_rows = rows[:6000], rows[6000:7000]

counts = {}
for words, _ in train_rows:
    for w in words:
        counts[w] = counts.get(w, 0) + 1
vocab = {w: i for i, w in enumerate(sorted(w for w in counts if counts[w] > 1), start=2)}


def key(words):
    return tuple(vocab.get(w, 1) for w in words)


train_keys = {key(words) for words, _ in train_rows}
test_rows = [r for r in test_rows if key(r[0]) not in train_keys]


def dataset(rows):
    ids = torch.zeros(len(rows), WIDTH, dtype=torch.long)
    for r, (words, _) in enumerate(rows):
        for c, w in enumerate(words):
            ids[r, c] = vocab.get(w, 1)
    return TensorDataset(ids, torch.tensor([float(y) for _, y in rows]))


class QuestionCNN(nn.Module):
    def __init__(self, n_words, dim=48, filters=64):
        super().__init__()
        self.embed = nn.Embedding(n_words, dim, padding_idx=0)
        # two zeros on the left, so a filter can see that a word is the first
        self.convs = nn.ModuleList([nn.Conv1d(dim, filters, k, padding=k - 1) for k in (1, 2, 3)])
        self.drop = nn.Dropout(0.6)
        self.out = nn.Linear(3 * filters, 1)

    def forward(self, ids):
        x = self.embed(ids).transpose(1, 2)
        lengths = (ids > 0).sum(1, keepdim=True)
        pooled = []
        for conv in self.convs:
            h = torch.relu(conv(x))
            inside = torch.arange(h.shape[2]) < lengths + conv.kernel_size[0] - 1
            pooled.append((h * inside.unsqueeze(1)).amax(dim=2))
        return self.out(self.drop(torch.cat(pooled, dim=1))).squeeze(1)


def predict(model, data):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(x) for x, _ in DataLoader(data, batch_size=500)])


train_data, test_data = dataset(train_rows), dataset(test_rows)
model = QuestionCNN(len(vocab) + 2)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
print(len(train_data), "training sentences,", len(vocab), "words")

for epoch in range(4):
    model.train()
    for step, (x, y) in enumerate(DataLoader(train_data, batch_size=64, shuffle=True), start=1):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    for name, data in (("train", train_data), ("test", test_data)):
        logits, y = predict(model, data), data.tensors[1]
        print(f"epoch {epoch + 1} {name}: loss {criterion(logits, y).item():.3f} accuracy {((logits > 0) == (y > 0.5)).float().mean().item():.3f}")

logits = predict(model, test_data)
print(classification_report(test_data.tensors[1].int().tolist(), (logits > 0).int().tolist(),
                            target_names=["statement", "question"], digits=3))
