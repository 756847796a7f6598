# Where does a sentence come from? newswire / encyclopedia / film review / Brown
# (exported from my notebook)

# In [1]:
import gzip
import os
import random
import re
from collections import Counter
from itertools import islice

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

random.seed(0)
torch.manual_seed(0)
base = os.path.join(os.environ["WORDFIT_DATA"], "corpora")
FILES = {
    "reuters": "reuters-21578-bodies.txt.gz",
    "wikipedia": "enwiki-2018-sample.txt.gz",
    "imdb": "imdb-unsup-25k.txt.gz",
    "brown": "brown.txt.gz",
}
N_TRAIN, N_TEST, WIDTH = 3000, 400, 20

# In [2]:
def snippets(path):
    """the running text of a file, cut into pieces of WIDTH lower-cased words"""
    rest = []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            rest += re.findall(r"[a-z]+", line.replace("<br />", " ").lower())
            while len(rest) >= WIDTH:
                yield tuple(rest[:WIDTH])
                rest = rest[WIDTH:]


train_texts, train_y, test_texts, test_y = [], [], [], []
for label, (source, name) in enumerate(FILES.items()):
    pieces = sorted(set(islice(snippets(os.path.join(base, name)), 0, 4 * (N_TRAIN + N_TEST), 4)))
    random.shuffle(pieces)
    train_texts += pieces[:N_TRAIN]
    train_y += [label] * N_TRAIN
    test_texts += pieces[N_TRAIN:]
    test_y += [label] * (len(pieces) - N_TRAIN)
print(len(train_texts), "train", len(test_texts), "test")

# In [3]:
freq = Counter(w for t in train_texts for w in t)
vocab = {"<unk>": 0}
for w, c in freq.most_common(3000):
    vocab[w] = len(vocab)


class Snippets(Dataset):
    def __init__(self, texts, y):
        self.x = torch.tensor([[vocab.get(w, 0) for w in t] for t in texts])
        self.y = torch.tensor(y)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


# fault:
train_loader = DataLoader(Snippets(train_texts, train_y), batch_size=32)
# mended:
#train_loader = DataLoader(Snippets(train_texts, train_y), batch_size=32, shuffle=True)
# end
test_loader = DataLoader(Snippets(test_texts, test_y), batch_size=200)

# In [4]:
class SourceNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 32)
        self.drop = nn.Dropout(0.5)
        self.hidden = nn.Linear(32, 32)
        self.out = nn.Linear(32, len(FILES))

    def forward(self, x):
        h = self.drop(self.emb(x)).mean(dim=1)
        return self.out(self.drop(torch.relu(self.hidden(h))))


model = SourceNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.004)

# In [5]:
def evaluate(loader):
    model.eval()
    confusion = torch.zeros(len(FILES), len(FILES), dtype=torch.long)
    loss = 0.0
    with torch.no_grad():
        for x, y in loader:
            scores = model(x)
            loss += criterion(scores, y).item() * len(y)
            for a, b in zip(y, scores.argmax(1)):
                confusion[a, b] += 1
    n = confusion.sum().item()
    return confusion, confusion.diag().sum().item() / n, loss / n


for epoch in range(7):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
    confusion, acc, loss = evaluate(test_loader)
    print(f"epoch {epoch}: test loss {loss:.3f} accuracy {acc:.3f}")

print(confusion)
print("train accuracy", round(evaluate(train_loader)[1], 3))
