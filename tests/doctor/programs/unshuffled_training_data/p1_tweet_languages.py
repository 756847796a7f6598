"""Which language is this tweet in? Letter trigrams, an embedding and a small classifier.

Data: the multilingual tweets of UMSAB, one folder per language.
"""
import os
import re
import zlib

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(42)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGUAGES = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 3000
MAX_TRIGRAMS = 60


def clean(tweet):
    tweet = re.sub(r"@user|https?\S*|#\S+|\d+", " ", tweet.strip().lower())
    return " ".join(tweet.split())


def load(split, limit, known=()):
    rows, seen = [], set(known)
    for label, language in enumerate(LANGUAGES):
        kept = 0
        with open(os.path.join(ROOT, language, f"{split}_text.txt"), encoding="utf-8") as f:
            for line in f:
                tweet = clean(line)
                if len(tweet) < 15 or tweet in seen or kept == limit:
                    continue
                seen.add(tweet)
                rows.append((tweet, label))
                kept += 1
    return rows


class TrigramDataset(Dataset):
    """Turns each tweet into ids of hashed letter trigrams; id 0 is for padding."""

    def __init__(self, rows):
        self.items = [(self.encode(tweet), label) for tweet, label in rows]

    @staticmethod
    def encode(tweet):
        text = f" {tweet} "
        grams = [text[i:i + 3] for i in range(min(len(text) - 2, MAX_TRIGRAMS))]
        return torch.tensor([1 + zlib.crc32(g.encode("utf-8")) % BUCKETS for g in grams])

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(items):
    grams, labels = zip(*items)
    return pad_sequence(grams, batch_first=True), torch.tensor(labels)


class LanguageClassifier(nn.Module):
    def __init__(self, dim=32, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(BUCKETS + 1, dim, padding_idx=0)
        self.mlp = nn.Sequential(nn.Dropout(0.4), nn.Linear(dim, hidden), nn.ReLU(), nn.Linear(hidden, len(LANGUAGES)))

    def forward(self, grams):
        count = (grams != 0).sum(dim=1, keepdim=True)
        return self.mlp(self.embedding(grams).sum(dim=1) / count.sqrt())


train_rows = load("train", 700)
test_rows = load("test", 150, known={tweet for tweet, _ in train_rows})
train_set, test_set = TrigramDataset(train_rows), TrigramDataset(test_rows)
# fault:
train_loader = DataLoader(train_set, batch_size=32, collate_fn=collate)
# mended:
#train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate)
# end
test_loader = DataLoader(test_set, batch_size=100, collate_fn=collate)

model = LanguageClassifier()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
criterion = nn.CrossEntropyLoss()


def evaluate(loader):
    model.eval()
    correct = total = 0
    loss = 0.0
    with torch.no_grad():
        for grams, labels in loader:
            logits = model(grams)
            loss += criterion(logits, labels).item() * len(labels)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total += len(labels)
    return loss / total, correct / total


print(len(train_set), "training tweets,", len(test_set), "test tweets")
for epoch in range(1, 5):
    model.train()
    running = 0.0
    for grams, labels in train_loader:
        loss = criterion(model(grams), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    test_loss, accuracy = evaluate(test_loader)
    print(f"epoch {epoch}  loss {running / len(train_loader):.4f}  test loss {test_loss:.4f}  test accuracy {accuracy:.3f}")

print("accuracy on the training tweets: %.3f" % evaluate(train_loader)[1])
