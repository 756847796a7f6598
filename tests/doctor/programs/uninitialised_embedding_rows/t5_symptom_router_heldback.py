"""Symptom messages -> hospital department, with GloVe Twitter vectors for the everyday words.

The clinic's own abbreviations are not in the vectors; their rows are learned together with the classifier.
"""
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn

DIM = 25
DEPARTMENTS = {
    "cardiology": ("heart chest pain pressure pulse beat blood arm breath faint", "htn afib mi chf angio ecg tachy bp"),
    "orthopaedics": ("bone knee ankle broken fall back shoulder hip walk leg", "acl fx rom tkr ortho nwb lbp disc"),
    "dermatology": ("skin itch red spot burn rash sun hair acne nail", "bcc sk derm ecz psor nevus urtic tinea"),
    "ophthalmology": ("eye vision light see glasses blind tears dry blurry screen", "iop va amd rd od os cataract uveitis"),
    "gastro": ("stomach food eat vomit milk throat spicy hungry cramp belly", "gerd ibs ppi egd crohn hpylori ngt lft"),
}
NEUTRAL = "i have since my the a when two days very it feels hello doctor please after morning night is and bad help again".split()


def load_glove():
    path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.twitter.27B.25d.common11925.txt.gz")
    words, matrix = [], []
    with gzip.open(path, "rt", encoding="utf8") as f:
        for line in f:
            parts = line.rstrip().split(" ")
            words.append(parts[0])
            matrix.append([float(v) for v in parts[1:]])
    matrix = np.array(matrix)
    matrix = (matrix - matrix.mean(0)) / matrix.std()
    return {w: matrix[i].astype("float32") for i, w in enumerate(words)}


def messages(n, rng):
    seen, rows = set(), []
    names = list(DEPARTMENTS)
    while len(rows) < n:
        k = rng.randrange(len(names))
        plain, terms = (p.split() for p in DEPARTMENTS[names[k]])
        other = DEPARTMENTS[rng.choice(names)][0].split()
        words = rng.sample(NEUTRAL, rng.randint(3, 8)) + rng.sample(plain, 2) + [rng.choice(other)] + rng.sample(terms, rng.randint(0, 2))
        rng.shuffle(words)
        if tuple(words) not in seen:
            seen.add(tuple(words))
            rows.append((words, k))
    return rows


def centre_and_scale(vocab, vectors):
    """Mean and spread of the vectors of our own words only, in double precision."""
    known = np.array([vectors[w] for w in vocab if w in vectors], dtype="float64")
    mean = known.mean(0)
    return mean.astype("float32"), float((known - mean).std())


def build_table(vocab, vectors):
    mean, spread = centre_and_scale(vocab, vectors)
    # fault:
    table = torch.FloatTensor(len(vocab), DIM)
    # mended:
    #table = torch.randn(len(vocab), DIM)
    # end
    table[0] = 0.0
    found = 0
    for word, i in vocab.items():
        if word in vectors:
            table[i] = torch.from_numpy((vectors[word] - mean) / spread)
            found += 1
    print(f"vectors for {found} of {len(vocab)} words")
    return table


class Router(nn.Module):
    def __init__(self, table, n_out):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.dropout = nn.Dropout(0.2)
        self.conv = nn.Conv1d(DIM, 48, 3, padding=1)
        self.out = nn.Linear(48, n_out)

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(1)
        h = torch.relu(self.conv(self.dropout(self.words(ids)).transpose(1, 2)))
        return self.out(h.masked_fill(~mask, 0.0).amax(-1))


def main():
    rng = random.Random(2)
    torch.manual_seed(2)
    rows = messages(2600, rng)
    test, train = rows[:600], rows[600:]
    vocab = {"<pad>": 0}
    for words, _ in train:
        for w in words:
            vocab.setdefault(w, len(vocab))
    table = build_table(vocab, load_glove())
    model = Router(table, len(DEPARTMENTS))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion = nn.CrossEntropyLoss()

    def batch(part):
        x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in words]) for words, _ in part], batch_first=True)
        return x, torch.tensor([k for _, k in part])

    for epoch in range(10):
        model.train()
        rng.shuffle(train)
        total = 0.0
        for i in range(0, len(train), 32):
            x, y = batch(train[i:i + 32])
            loss = criterion(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        model.eval()
        with torch.no_grad():
            x, y = batch(test)
            out = model(x)
        print(f"epoch {epoch + 1} train loss {total / len(train):.3f} test loss {criterion(out, y):.3f} "
              f"accuracy {(out.argmax(1) == y).float().mean():.3f}")


if __name__ == "__main__":
    main()
