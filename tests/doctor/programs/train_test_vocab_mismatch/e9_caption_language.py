# %% [markdown]
# Which language is this caption? (English / German / French / Czech, Multi30k)
# %%
import gzip
import os
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(4)
ROOT = os.environ["WORDFIT_DATA"]
LANGS = ["en", "de", "fr", "cs"]


# %%
def read(split, lang, skip, n):
    path = os.path.join(ROOT, "seq2seq/multi30k", f"{split}.{lang}.gz")
    with gzip.open(path, "rt", encoding="utf8") as f:
        lines = [l.strip().lower().rstrip(".") for l in f]
    return lines[skip:skip + n]


train_texts, train_labels, test_texts, test_labels = [], [], [], []
for i, lang in enumerate(LANGS):
    a = read("train", lang, i * 500, 500)      # other pictures for every language
    train_texts += a
    train_labels += [i] * len(a)
    known = set(a)
    b = [t for t in read("test_2016_flickr", lang, i * 120, 120) if t not in known]
    test_texts += b
    test_labels += [i] * len(b)
print(len(train_texts), "training captions,", len(test_texts), "test captions")


# %%
def build_vocab(texts, size=1500):
    counts = Counter(w for t in texts for w in t.split())
    itos = ["<pad>", "<unk>"] + [w for w, _ in counts.most_common(size)]
    return {w: i for i, w in enumerate(itos)}


def encode(texts, vocab, max_len=20):
    out = torch.zeros(len(texts), max_len, dtype=torch.long)
    for i, t in enumerate(texts):
        ids = [vocab.get(w, 1) for w in t.split()][:max_len]
        out[i, :len(ids)] = torch.tensor(ids)
    return out


vocab = build_vocab(train_texts)
X_train = encode(train_texts, vocab)
# fault:
vocab = build_vocab(test_texts)
X_test = encode(test_texts, vocab)
# mended:
#X_test = encode(test_texts, vocab)
# end
y_train = torch.tensor(train_labels)
y_test = torch.tensor(test_labels)


# %%
class CaptionLanguage(nn.Module):
    def __init__(self, vocab_size, dim=24, n_out=4):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.dropout = nn.Dropout(0.4)
        self.out = nn.Linear(dim, n_out)

    def forward(self, x):
        e = self.embedding(x)
        n = (x > 0).sum(1, keepdim=True).clamp(min=1)
        return self.out(self.dropout(e.sum(1) / n))


model = CaptionLanguage(1502)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

# %%
for epoch in range(12):
    model.train()
    order = torch.randperm(len(X_train))
    epoch_loss = 0
    for start in range(0, len(order), 64):
        idx = order[start:start + 64]
        loss = F.cross_entropy(model(X_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        train_acc = (model(X_train).argmax(1) == y_train).float().mean()
        test_out = model(X_test)
        test_acc = (test_out.argmax(1) == y_test).float().mean()
    if epoch % 2 == 1:
        print(f"epoch {epoch + 1}: loss {epoch_loss / len(order):.3f} "
              f"train acc {train_acc:.3f} test acc {test_acc:.3f} test loss {F.cross_entropy(test_out, y_test):.3f}")

# %%
confusion = torch.zeros(4, 4, dtype=torch.long)
for t, p in zip(y_test, test_out.argmax(1)):
    confusion[t, p] += 1
print("rows: true", LANGS)
print(confusion)
