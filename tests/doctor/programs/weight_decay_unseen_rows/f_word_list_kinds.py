"""What kind of words does a short list hold? (countries, plurals, participles, ...)

Lists come from the analogy file. Words of the test lists are not in the training lists: the GloVe vectors have to carry it.
"""
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

DATA = Path(os.environ["WORDFIT_DATA"])
SEED = 17
random.seed(SEED)
torch.manual_seed(SEED)

KINDS = {"capital-common-countries": 0, "capital-world": 0, "gram3-comparative": 1, "gram5-present-participle": 2,
         "gram6-nationality-adjective": 3, "gram8-plural": 4}
NAMES = ["capital", "comparative", "participle", "nationality", "plural"]


def load_vectors():
    words, rows = ["<pad>"], [np.zeros(50, dtype=np.float32)]
    with gzip.open(DATA / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip("\n").split(" ")
            words.append(w)
            rows.append(np.asarray(v, dtype=np.float32))
    return {w: i for i, w in enumerate(words)}, torch.from_numpy(np.stack(rows))


def load_kinds(vocab):
    kinds, section = [set() for _ in NAMES], None
    for line in (DATA / "wordsim" / "analogy" / "questions-words.txt").read_text().splitlines():
        if line.startswith(":"):
            section = KINDS.get(line[2:].strip())
        elif section is not None:
            a, b, *_ = line.lower().split()
            w = a if section == 0 else b
            if w in vocab:
                kinds[section].add(w)
    seen = set()
    for k in kinds:
        k -= seen
        seen |= k
    return [sorted(k) for k in kinds]


def sample(pools, fillers, n, vocab, size=5):
    out = []
    for _ in range(n):
        y = random.randrange(len(pools))
        text = random.sample(pools[y], size) + random.sample(fillers, 2)
        random.shuffle(text)
        out.append(([vocab[w] for w in text], y))
    return torch.tensor([x for x, _ in out]), torch.tensor([y for _, y in out])


class ListClassifier(nn.Module):
    def __init__(self, vectors, hidden, classes):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(vectors.clone(), freeze=False, padding_idx=0)
        self.body = nn.Sequential(nn.Linear(vectors.shape[1], hidden), nn.ReLU(), nn.Linear(hidden, classes))

    def forward(self, x):
        return self.body(self.embedding(x).mean(1))


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


vocab, vectors = load_vectors()
kinds = load_kinds(vocab)
for k in kinds:
    random.shuffle(k)
fillers = [w for w in "the a of and in to for with as by on from that it or at this which be are".split()]
print({n: len(k) for n, k in zip(NAMES, kinds)})
train_x, train_y = sample([k[:len(k) * 3 // 4] for k in kinds], fillers, 1500, vocab)
test_x, test_y = sample([k[len(k) * 3 // 4:] for k in kinds], fillers, 500, vocab)

model = ListClassifier(vectors, 40, len(NAMES))
# fault:
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=6e-3)
# mended:
# optimizer = torch.optim.SGD([{"params": model.embedding.parameters(), "weight_decay": 0.0}, {"params": model.body.parameters()}],
#                             lr=0.1, momentum=0.9, nesterov=True, weight_decay=6e-3)
# end
for epoch in range(8):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(train_x)).split(16):
        loss = nn.functional.cross_entropy(model(train_x[idx]), train_y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    if epoch % 2:
        print(f"epoch {epoch + 1}: loss {total / len(train_x):.4f} train {accuracy(model, train_x, train_y):.3f} test {accuracy(model, test_x, test_y):.3f}")
