"""News, encyclopedia, film review or photo caption? Transfer learning with GloVe on 600 snippets."""
import gzip
import os
import random
import re
from itertools import islice

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

random.seed(17)
torch.manual_seed(17)
ROOT = os.environ["WORDFIT_DATA"]
SOURCES = {
    "news": "corpora/reuters-21578-bodies.txt.gz",
    "encyclopedia": "corpora/enwiki-2018-sample.txt.gz",
    "review": "corpora/imdb-unsup-25k.txt.gz",
    "caption": "seq2seq/multi30k/train.en.gz",
}
N_TRAIN, N_TEST = 150, 120


def snippets(path, n):
    """The first lines of a corpus, lower-cased, seven to ten words of each."""
    found = {}
    with gzip.open(os.path.join(ROOT, path), "rt", encoding="utf-8") as f:
        for line in islice(f, 4000):
            words = re.findall(r"[a-z]+", line.lower().replace("<br />", " "))
            if len(words) >= 9:
                start = random.randint(0, min(len(words) - 7, 12))
                found[tuple(words[start:start + random.randint(7, 10)])] = None
    found = list(found)
    random.shuffle(found)
    return found[:n]


class Vocab:
    def __init__(self, path, texts):
        needed = {w for t in texts for w in t}
        self.itos, rows = ["<pad>", "<unk>"], []
        with gzip.open(path, "rt", encoding="utf-8") as f:
            for line in f:
                word, numbers = line.split(" ", 1)
                if word in needed:
                    self.itos.append(word)
                    rows.append(np.array(numbers.split(), dtype=np.float32))
        rows = np.stack(rows)
        special = np.stack([np.zeros(rows.shape[1], dtype=np.float32), rows.mean(axis=0)])
        self.vectors = torch.from_numpy(np.vstack([special, rows]))
        self.stoi = {w: i for i, w in enumerate(self.itos)}

    def encode(self, words):
        return torch.tensor([self.stoi.get(w, 1) for w in words])


def init_weights(m):
    if isinstance(m, (nn.Linear, nn.Embedding)):
        nn.init.normal_(m.weight, std=0.1)
    if isinstance(m, nn.Linear):
        nn.init.zeros_(m.bias)


class SnippetGRU(nn.Module):
    def __init__(self, vectors, n_classes, hidden=40, p=0.4):
        super().__init__()
        self.embedding = nn.Embedding(*vectors.shape, padding_idx=0)
        self.gru = nn.GRU(vectors.size(1), hidden, batch_first=True)
        self.dropout = nn.Dropout(p)
        self.out = nn.Linear(hidden, n_classes)
        # fault:
        self.embedding.weight.data.copy_(vectors)
        self.apply(init_weights)
        # mended:
        #self.apply(init_weights)
        #self.embedding.weight.data.copy_(vectors)
        # end

    def forward(self, ids, lengths):
        packed = pack_padded_sequence(self.dropout(self.embedding(ids)), lengths, batch_first=True, enforce_sorted=False)
        return self.out(self.dropout(self.gru(packed)[1][-1]))


train_rows, test_rows = [], []
for label, path in enumerate(SOURCES.values()):
    rows = [(words, label) for words in snippets(path, N_TRAIN + N_TEST)]
    train_rows += rows[:N_TRAIN]
    test_rows += rows[N_TRAIN:]

vocab = Vocab(os.path.join(ROOT, "vectors", "glove.6B.50d.top10361.txt.gz"), [w for w, _ in train_rows + test_rows])


def collate(batch):
    seqs = [vocab.encode(words) for words, _ in batch]
    return pad_sequence(seqs, batch_first=True), torch.tensor([len(s) for s in seqs]), torch.tensor([y for _, y in batch])


train_loader = DataLoader(train_rows, batch_size=20, shuffle=True, collate_fn=collate)
test_loader = DataLoader(test_rows, batch_size=100, collate_fn=collate)
print(f"{len(train_rows)} train, {len(test_rows)} test, {len(vocab.itos)} words")

model = SnippetGRU(vocab.vectors, len(SOURCES))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()


def evaluate(loader):
    model.eval()
    loss, hits = 0.0, 0
    with torch.no_grad():
        for ids, lengths, y in loader:
            logits = model(ids, lengths)
            loss += loss_fn(logits, y).item() * len(y)
            hits += (logits.argmax(1) == y).sum().item()
    n = len(loader.dataset)
    return f"{loss / n:.3f} {hits / n:.3f}"


for epoch in range(1, 6):
    model.train()
    for ids, lengths, y in train_loader:
        optimizer.zero_grad()
        loss_fn(model(ids, lengths), y).backward()
        optimizer.step()
    print(f"epoch {epoch}  train {evaluate(train_loader)}  test {evaluate(test_loader)}")
