"""Route a snippet to the right archive: newswire, film reviews or general prose.

Small proof of concept on public corpora, GloVe 50d (twitter 25d was tried, about the same).
"""
import gzip
import io
import os
import random
import re

import torch
from torch import nn

DATA = os.environ["WORDFIT_DATA"]
SOURCES = {"news": "reuters-21578-bodies.txt.gz", "film": "imdb-unsup-25k.txt.gz", "prose": "brown.txt.gz"}
DIM, WINDOW = 50, 14
random.seed(7)
torch.manual_seed(7)


def tokenize(line):
    return re.findall(r"[a-z]+|[.,!?']", line.lower().replace("<br />", " "))


def snippets(path, n):
    out = set()
    with gzip.open(path, "rb") as f:
        text = f.read(1_600_000).decode("utf-8", errors="replace")
    for line in text.splitlines()[:-1]:
        toks = tokenize(line)
        if len(toks) < WINDOW + 6:
            continue
        start = random.randrange(0, len(toks) - WINDOW)
        out.add(" ".join(toks[start:start + random.randint(9, WINDOW)]))
        if len(out) >= n:
            break
    return sorted(out)


def load_glove(path, wanted):
    found = {}
    with gzip.open(path, "rb") as f:
        text = f.read()
    for line in io.BytesIO(text):
        word, _, values = line.decode("utf-8").rstrip().partition(" ")
        if word in wanted:
            found[word] = torch.tensor([float(v) for v in values.split(" ")])
    return found


labels = list(SOURCES)
rows = []
for k, name in enumerate(labels):
    rows += [(s, k) for s in snippets(f"{DATA}/corpora/{SOURCES[name]}", 1100)]
random.shuffle(rows)
cut = int(0.8 * len(rows))
train, test = rows[:cut], rows[cut:]

vocab = {"<pad>": 0, "<unk>": 1}
for text, _ in train:
    for w in text.split():
        vocab.setdefault(w, len(vocab))
glove = load_glove(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", vocab)
print(f"{len(train)} train, {len(test)} test, {len(vocab)} words, {len(glove)} with a vector")

# fault:
matrix = torch.Tensor(len(vocab), DIM)
# mended:
#matrix = torch.randn(len(vocab), DIM) * 0.4
# end
matrix[0] = 0
for word, vec in glove.items():
    matrix[vocab[word]] = vec


def batches(data, size, shuffle):
    data = random.sample(data, len(data)) if shuffle else data
    for i in range(0, len(data), size):
        part = data[i:i + size]
        ids = [torch.tensor([vocab.get(w, 1) for w in t.split()]) for t, _ in part]
        yield nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([y for _, y in part])


class Router(nn.Module):
    def __init__(self, weights, n_classes, channels=24):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.conv = nn.Conv1d(DIM, channels, 3, padding=1)
        self.dropout = nn.Dropout(0.4)
        self.linear = nn.Linear(channels, n_classes)

    def forward(self, ids):
        h = torch.relu(self.conv(self.words(ids).transpose(1, 2)))
        h = h.masked_fill((ids == 0).unsqueeze(1), 0.0)
        return self.linear(self.dropout(h.max(dim=2).values))


def score(model, data):
    model.eval()
    loss = hits = 0
    with torch.no_grad():
        for x, y in batches(data, 256, False):
            out = model(x)
            loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
            hits += (out.argmax(1) == y).sum().item()
    return loss / len(data), hits / len(data)


model = Router(matrix, len(labels))
optim = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=3e-3)
for epoch in range(5):
    model.train()
    for x, y in batches(train, 64, True):
        optim.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optim.step()
    print("epoch %d  train loss %.3f acc %.3f  test loss %.3f acc %.3f" % ((epoch + 1,) + score(model, train) + score(model, test)))
