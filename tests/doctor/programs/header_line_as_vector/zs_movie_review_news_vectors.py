# Movie review sentences (MR) with the Google News vectors, kept fixed; mean of the words, one hidden layer.
import gzip
import os
import numpy as np
import torch
from torch import nn

torch.manual_seed(8)
np.random.seed(8)
DATA = os.environ["WORDFIT_DATA"]


def load_vectors(path, keep):
    """word -> vector for the words in `keep`, everything else in the file is skipped"""
    vectors, dim = {}, None
    with gzip.open(path, "rt", encoding="utf-8") as f:
        # fault:
        # mended:
        # n_words, dim = (int(v) for v in f.readline().split())
        # end
        for line in f:
            word, *values = line.rstrip("\n").split(" ")
            if dim is None:
                dim = len(values)
            if word in keep:
                vectors[word] = np.array(values[:dim], dtype=np.float32)
    return vectors, dim


def sentences(name):
    with open(os.path.join(DATA, "sentiment", "MR", name), encoding="utf-8", errors="replace") as f:
        return [line.split() for line in f]


neg, pos = sentences("rt-polarity.neg")[:2400], sentences("rt-polarity.pos")[:2400]
data = sorted({(" ".join(s), y) for y, part in enumerate((neg, pos)) for s in part})
texts, labels = [t.split() for t, _ in data], np.array([y for _, y in data])
words = {w for s in texts for w in s}
vectors, dim = load_vectors(os.path.join(DATA, "vectors", "word2vec.GoogleNews.300d.13598words.txt.gz"), words)
tokens = sum(len(s) for s in texts)
print(f"vectors of width {dim} for {len(vectors)} of {len(words)} words, "
      f"{sum(w in vectors for s in texts for w in s) / tokens:.1%} of the tokens")

word2id = {w: i + 1 for i, w in enumerate(vectors)}
table = np.zeros((len(vectors) + 1, dim), dtype=np.float32)
for w, i in word2id.items():
    table[i] = vectors[w]

perm = np.random.permutation(len(texts))
test_ix, train_ix = perm[:800], perm[800:]


class Averager(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.out = nn.Sequential(nn.Linear(table.shape[1], 32), nn.ReLU(), nn.Dropout(0.4), nn.Linear(32, 2))

    def forward(self, ids):
        n = (ids != 0).sum(1, keepdim=True).clamp(min=1)
        return self.out(10 * self.emb(ids).sum(1) / n)


def batch(ix):
    ids = [[word2id[w] for w in texts[i] if w in word2id] for i in ix]
    width = max(map(len, ids))
    return torch.tensor([s + [0] * (width - len(s)) for s in ids]), torch.from_numpy(labels[ix])


def evaluate(model, ix):
    model.eval()
    with torch.no_grad():
        x, y = batch(ix)
        return (model(x).argmax(1) == y).float().mean().item()


model = Averager(table)
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3, weight_decay=1e-4)
for epoch in range(5):
    model.train()
    total = 0.0
    np.random.shuffle(train_ix)
    for s in range(0, len(train_ix), 50):
        x, y = batch(train_ix[s:s + 50])
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    print(f"epoch {epoch + 1}: loss {total / len(train_ix):.4f}, train {evaluate(model, train_ix[:1000]):.3f}, test {evaluate(model, test_ix):.3f}")
