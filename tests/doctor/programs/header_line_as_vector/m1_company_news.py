"""Good news or bad news? Reading financial headlines with word2vec vectors.

We keep the Google News vectors fixed, average them over the headline and train a small
classifier that tells positive from negative company news.
"""
import gzip
import os
import random
from pathlib import Path

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

SEED = 87
random.seed(SEED)
torch.manual_seed(SEED)

DATA = Path(os.environ["WORDFIT_DATA"])
VECTOR_FILE = DATA / "vectors" / "word2vec.GoogleNews.300d.13598words.txt.gz"
NEWS_FILE = DATA / "sentiment" / "financial-phrasebank" / "Sentences_50Agree.txt"
KEEP = 5000


def read_vectors(path, keep):
    """word -> vector for the `keep` most frequent words of a text file"""
    vectors, width = {}, None
    with gzip.open(path, "rt", encoding="utf-8") as f:
        # fault:
        # mended:
        #n_words, dim = map(int, f.readline().split())
        # end
        for line in f:
            fields = line.rstrip().split(" ")
            if width is None:
                width = len(fields) - 1
            word = " ".join(fields[:-width])          # a few entries are phrases
            vectors[word] = torch.tensor([float(v) for v in fields[-width:]])
            if len(vectors) == keep:
                break
    return vectors, width


def read_news(path):
    seen, items = set(), []
    for line in open(path, encoding="utf-8"):
        sentence, label = line.strip().rsplit("@", 1)
        if label == "neutral" or sentence in seen:
            continue
        seen.add(sentence)
        items.append((sentence.lower().split(), int(label == "positive")))
    random.shuffle(items)
    good = [i for i in items if i[1] == 1]
    bad = [i for i in items if i[1] == 0]
    items = good[:len(bad)] + bad
    random.shuffle(items)
    return items


class HeadlineDataset(Dataset):
    def __init__(self, items, vocab):
        self.items = [(torch.tensor([vocab.get(w, vocab["<unk>"]) for w in words]), label) for words, label in items]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, idx):
        return self.items[idx]


def collate(batch):
    ids = torch.cat([x for x, _ in batch])
    offsets = torch.tensor([0] + [len(x) for x, _ in batch[:-1]]).cumsum(0)
    return ids, offsets, torch.tensor([y for _, y in batch], dtype=torch.float)


class HeadlineClassifier(nn.Module):
    def __init__(self, weights, hidden=16):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(weights, freeze=True, mode="mean")
        self.net = nn.Sequential(nn.Linear(weights.size(1), hidden), nn.ReLU(), nn.Dropout(0.5), nn.Linear(hidden, 1))

    def forward(self, ids, offsets):
        return self.net(self.bag(ids, offsets)).squeeze(1)


def train(model, loader, optimizer, criterion):
    model.train()
    total = 0.0
    for ids, offsets, y in loader:
        loss = criterion(model(ids, offsets), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader, criterion):
    model.eval()
    loss = hits = 0.0
    for ids, offsets, y in loader:
        logits = model(ids, offsets)
        loss += criterion(logits, y).item() * len(y)
        hits += ((logits > 0).float() == y).sum().item()
    return loss / len(loader.dataset), hits / len(loader.dataset)


if __name__ == "__main__":
    vectors, width = read_vectors(VECTOR_FILE, KEEP)
    news = read_news(NEWS_FILE)
    cut = int(len(news) * 0.8)
    words = sorted({w for sentence, _ in news[:cut] for w in sentence})
    vocab = {"<unk>": 0}
    for w in words:
        vocab[w] = len(vocab)
    weights = torch.randn(len(vocab), width) * 0.1
    for w, i in vocab.items():
        if w in vectors:
            weights[i] = vectors[w]

    train_loader = DataLoader(HeadlineDataset(news[:cut], vocab), batch_size=32, shuffle=True, collate_fn=collate)
    test_loader = DataLoader(HeadlineDataset(news[cut:], vocab), batch_size=128, collate_fn=collate)
    model = HeadlineClassifier(weights)
    optimizer = torch.optim.Adam(model.net.parameters(), lr=6e-3, weight_decay=2e-3)
    criterion = nn.BCEWithLogitsLoss()
    for epoch in range(1, 15):
        train_loss = train(model, train_loader, optimizer, criterion)
        test_loss, test_acc = evaluate(model, test_loader, criterion)
        print(f"epoch {epoch:2d}: train loss {train_loss:.3f}, test loss {test_loss:.3f}, test accuracy {test_acc:.3f}")
    print(f"accuracy on the training headlines: {evaluate(model, train_loader, criterion)[1]:.3f}")
