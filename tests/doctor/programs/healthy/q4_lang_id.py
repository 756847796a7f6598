"""Which language is this caption in? fastText-like: hashed character n-grams, one linear layer."""
import gzip
import os
import zlib

import torch
from torch import nn
from sklearn.metrics import confusion_matrix

DATA = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
BUCKETS = 2 ** 13


def head(split, lang, n):
    with gzip.open(os.path.join(DATA, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
        return [line.strip() for _, line in zip(range(n), f)]


def ngrams(text, lo=2, hi=3, limit=25):
    text = "<" + text.lower()[:limit] + ">"
    return [zlib.crc32(text[i:i + k].encode("utf-8")) % BUCKETS
            for k in range(lo, hi + 1) for i in range(len(text) - k + 1)]


def load(split, n):
    seen, out = set(), []
    for y, lang in enumerate(LANGS):
        for text in head(split, lang, n):
            if text and text not in seen:
                seen.add(text)
                out.append((ngrams(text), y))
    return out


def pack(rows):
    flat = torch.tensor([g for ids, _ in rows for g in ids])
    lengths = torch.tensor([0] + [len(ids) for ids, _ in rows[:-1]])
    return flat, lengths.cumsum(0), torch.tensor([y for _, y in rows])


class FastText(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, dim, mode="mean", sparse=True)
        self.bag.weight.data.uniform_(-1 / dim, 1 / dim)
        self.linear = nn.Linear(dim, len(LANGS))

    def forward(self, flat, offsets):
        return self.linear(self.bag(flat, offsets))


torch.manual_seed(1)
train, test = load("train", 500), load("val", 150)
model = FastText()
opt_sparse = torch.optim.SparseAdam(list(model.bag.parameters()), lr=0.02)
opt_dense = torch.optim.Adam(model.linear.parameters(), lr=0.02)
loss_fn = nn.CrossEntropyLoss()
test_batch = pack(test)

for epoch in range(5):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(train)).split(64):
        flat, off, y = pack([train[i] for i in idx.tolist()])
        loss = loss_fn(model(flat, off), y)
        opt_sparse.zero_grad()
        opt_dense.zero_grad()
        loss.backward()
        opt_sparse.step()
        opt_dense.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        logits = model(*test_batch[:2])
    pred = logits.argmax(1)
    print(f"epoch {epoch} train loss {total / len(train):.4f} test loss {loss_fn(logits, test_batch[2]).item():.4f} "
          f"test acc {(pred == test_batch[2]).float().mean().item():.4f}")

print(LANGS)
print(confusion_matrix(test_batch[2], pred))
