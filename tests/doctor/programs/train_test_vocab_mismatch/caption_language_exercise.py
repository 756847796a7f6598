# Exercise 4: text classification with nn.EmbeddingBag
# Task: guess the language of a tweet-like caption (Multi30k: English, German, French, Czech) from its words.
import gzip
import os
import torch
from torch import nn, optim

torch.manual_seed(42)
base = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
langs = ["en", "de", "fr", "cs"]


def load_split(split, n):
    texts, labels = [], []
    for y, l in enumerate(langs):
        with gzip.open(f"{base}/{split}.{l}.gz", "rt", encoding="utf-8") as f:
            for i, line in enumerate(f):
                if i % n[1] == y:           # other captions for each language
                    texts.append(line.lower().strip().replace(".", " .").replace(",", " ,").split())
                    labels.append(y)
                if len(labels) == n[0] * (y + 1):
                    break
    return texts, labels


def build_vocab(texts):
    vocab = {"<unk>": 0}
    for t in texts:
        for w in t:
            vocab.setdefault(w, len(vocab))
    return vocab


def numericalise(texts, vocab):
    return [torch.tensor([vocab.get(w, 0) for w in t]) for t in texts]


train_texts, train_labels = load_split("train", (600, 5))
test_texts, test_labels = load_split("val", (200, 5))

vocab = build_vocab(train_texts)
train_x = numericalise(train_texts, vocab)
# fault:
test_vocab = build_vocab(test_texts)
test_x = numericalise(test_texts, test_vocab)
# mended:
# test_x = numericalise(test_texts, vocab)
# end


class BagOfWords(nn.Module):
    def __init__(self, n_words, dim, n_classes):
        super().__init__()
        self.emb = nn.EmbeddingBag(n_words, dim, mode="mean")
        self.fc = nn.Linear(dim, n_classes)

    def forward(self, words, offsets):
        return self.fc(self.emb(words, offsets))


def collate(idx, xs, ys):
    chosen = [xs[i] for i in idx]
    offsets = torch.tensor([0] + [len(c) for c in chosen[:-1]]).cumsum(0)
    return torch.cat(chosen), offsets, torch.tensor([ys[i] for i in idx])


model = BagOfWords(len(vocab), 32, len(langs))
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=0.01)

for epoch in range(4):
    model.train()
    running = 0.0
    perm = torch.randperm(len(train_x)).tolist()
    for i in range(0, len(perm), 32):
        w, o, y = collate(perm[i:i + 32], train_x, train_labels)
        optimizer.zero_grad()
        loss = criterion(model(w, o), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        w, o, y = collate(range(len(test_x)), test_x, test_labels)
        out = model(w, o)
        print(f"epoch {epoch + 1}: train loss {running / (len(perm) / 32):.3f}, "
              f"test loss {criterion(out, y).item():.3f}, test accuracy {(out.argmax(1) == y).float().mean():.3f}")
