# Sort single words into lexical categories (country, nationality, adverb, past tense, ...)
# with GloVe as fixed lookup and a small classifier written by hand.
import collections
import gzip
import os
import random

import torch
import torch.nn.functional as F

random.seed(2)
torch.manual_seed(2)
DATA = os.environ["WORDFIT_DATA"]

# --- categories from the analogy list: the second word of each pair has the property
WANTED = {"capital-common-countries": "country", "capital-world": "country", "gram1-adjective-to-adverb": "adverb",
          "gram7-past-tense": "past tense", "gram8-plural": "plural noun", "gram4-superlative": "superlative",
          "gram5-present-participle": "participle", "family": "family", "gram6-nationality-adjective": "nationality",
          "gram3-comparative": "comparative"}
KEEP = ["country", "adverb", "past tense", "plural noun", "participle", "nationality"]

labels = {}
section = None
with open(os.path.join(DATA, "wordsim/analogy/questions-words.txt"), encoding="utf-8") as fh:
    for line in fh:
        if line.startswith(":"):
            section = WANTED.get(line[1:].strip())
        elif section in KEEP:
            a, b, c, d = line.lower().split()
            labels.setdefault(b, section)
            labels.setdefault(d, section)

# --- vectors
glove = {}
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        w, rest = line.split(" ", 1)
        if w in labels:
            glove[w] = [float(v) for v in rest.split()]

words = sorted(w for w in labels if w in glove)
word2id = {"<pad>": 0, "<unk>": 1}
for w in words:
    word2id[w] = len(word2id)

lookup = torch.zeros(len(word2id), 50)
# fault:
for row, w in enumerate(words):
# mended:
#for row, w in enumerate(words, start=2):
# end
    lookup[row] = torch.tensor(glove[w])

print(len(words), "words:", dict(collections.Counter(labels[w] for w in words)))

random.shuffle(words)
n_test = len(words) // 4
test_words, train_words = words[:n_test], words[n_test:]


def tensors(ws):
    return torch.tensor([word2id[w] for w in ws]), torch.tensor([KEEP.index(labels[w]) for w in ws])


xtr, ytr = tensors(train_words)
xte, yte = tensors(test_words)

W1 = (torch.randn(50, 12) * 0.14).requires_grad_()
B1 = torch.zeros(12, requires_grad=True)
W2 = (torch.randn(12, len(KEEP)) * 0.25).requires_grad_()
B2 = torch.zeros(len(KEEP), requires_grad=True)
weights = [W1, B1, W2, B2]


def net(ids, training=False):
    v = F.normalize(lookup[ids], dim=-1) * 3
    v = F.dropout(v, 0.2, training=training)
    return F.linear(torch.relu(F.linear(v, W1.t(), B1)), W2.t(), B2)


adam = torch.optim.Adam(weights, lr=0.005, weight_decay=1e-3)
for epoch in range(1, 41):
    order = torch.randperm(len(xtr))
    for i in range(0, len(order), 16):
        j = order[i:i + 16]
        loss = F.cross_entropy(net(xtr[j], True), ytr[j])
        adam.zero_grad()
        loss.backward()
        adam.step()
    if epoch % 10 == 0:
        with torch.no_grad():
            ltr, lte = net(xtr), net(xte)
            print(f"{epoch:3d}  train {F.cross_entropy(ltr, ytr):.3f}/{(ltr.argmax(1) == ytr).float().mean():.3f}"
                  f"  test {F.cross_entropy(lte, yte):.3f}/{(lte.argmax(1) == yte).float().mean():.3f}")

with torch.no_grad():
    acc = (net(xte).argmax(1) == yte).float().mean().item()
majority = (yte == ytr.mode().values).float().mean().item()
print(f"accuracy on {len(xte)} words never seen in training: {acc:.3f}   (majority {majority:.3f})")
