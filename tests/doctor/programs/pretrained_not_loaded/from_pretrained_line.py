"""Tell sports words from business words etc.: short notes and frozen GloVe vectors, few training notes."""
import gzip
import os
import random

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(19)
torch.manual_seed(19)
LEX = {
    "sport": "football goal coach league tennis striker baseball basketball olympic tournament champion hockey soccer player team scored season medal midfielder cup".split(),
    "business": "bank stock profit shares investors market dollar company earnings trading price economy sales fund debt shareholders exports inflation firm currency".split(),
    "health": "hospital doctor disease patients drug cancer virus surgery heart treatment infection medicine brain vaccine symptoms clinic nurse flu diagnosis blood".split(),
    "war": "soldiers troops army bomb attack military missile rebels killed weapons fighters forces guerrillas war enemy combat artillery commander battle insurgents".split(),
}
FUNCTION = "the a of in on and to with for was is at by from this that it after before new".split()
names = list(LEX)


def notes(n, part, seen):
    rows = []
    while len(rows) < n:
        y = random.randrange(4)
        words = random.sample(LEX[names[y]][part], 2) + random.choices(FUNCTION, k=random.randint(3, 7))
        random.shuffle(words)
        if tuple(words) not in seen:
            seen.add(tuple(words))
            rows.append((words, y))
    return rows


seen = set()
train, valid = notes(400, slice(0, 10), seen), notes(300, slice(10, 20), seen)
vocab = {"<pad>": 0}
for words, _ in train + valid:
    for w in words:
        vocab.setdefault(w, len(vocab))
weights = torch.zeros(len(vocab), 50)
path = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "vectors", "glove.6B.50d.top10361.txt.gz")
with gzip.open(path, "rt", encoding="utf-8") as f:
    for line in f:
        word, rest = line.split(" ", 1)
        if word in vocab:
            weights[vocab[word]] = torch.tensor([float(v) for v in rest.split()])


class NoteClassifier(nn.Module):
    def __init__(self, weights, hidden=32, classes=4):
        super().__init__()
        # fault:
        self.embedding = nn.Embedding(weights.size(0), weights.size(1), padding_idx=0)
        self.embedding.from_pretrained(weights, freeze=True)
        self.embedding.weight.requires_grad = False
        # mended:
        # self.embedding = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        # end
        self.fc1 = nn.Linear(weights.size(1), hidden)
        self.fc2 = nn.Linear(hidden, classes)

    def forward(self, x):
        mask = (x != 0).unsqueeze(-1).float()
        avg = (self.embedding(x) * mask).sum(1) / mask.sum(1)
        return self.fc2(torch.relu(self.fc1(avg)))


def batch(rows):
    n = max(len(w) for w, _ in rows)
    return torch.tensor([[vocab[w] for w in ws] + [0] * (n - len(ws)) for ws, _ in rows]), torch.tensor([y for _, y in rows])


model = NoteClassifier(weights)
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-3)
for epoch in range(15):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        x, y = batch(train[i : i + 20])
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        x, y = batch(valid)
        print(f"epoch {epoch + 1} loss {loss.item():.4f} valid acc {(model(x).argmax(1) == y).float().mean():.4f}")
