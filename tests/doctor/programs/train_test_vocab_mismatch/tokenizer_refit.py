"""Predict the genre of a song from a line of its text, Keras-like preprocessing, GRU in PyTorch."""
import random
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence

random.seed(77)
np.random.seed(77)
torch.manual_seed(77)


class Tokenizer:
    """word_index by frequency, 1 is the most frequent word, 0 is padding"""

    def __init__(self, num_words=None):
        self.num_words = num_words
        self.word_counts = Counter()

    def fit_on_texts(self, texts):
        self.word_counts = Counter(w for t in texts for w in t.lower().split())
        self.word_index = {w: i + 1 for i, (w, _) in enumerate(self.word_counts.most_common(self.num_words))}

    def texts_to_sequences(self, texts):
        return [[self.word_index[w] for w in t.lower().split() if w in self.word_index] for t in texts]


def pad_sequences(sequences, maxlen):
    x = np.zeros((len(sequences), maxlen), dtype=np.int64)
    for i, s in enumerate(sequences):
        x[i, : len(s)] = s[:maxlen]
    return torch.from_numpy(x), torch.tensor([max(1, min(len(s), maxlen)) for s in sequences])


GENRES = {
    "country": "truck whiskey boots highway farm cowboy dust porch river guitar".split(),
    "metal": "blood fire darkness throne steel demon grave thunder skull rage".split(),
    "pop": "baby dance tonight kiss party radio heart summer sugar lights".split(),
}
shared = "i you me the a my in on and we never always want feel know down all with to your time love".split()
lines = {}
while len(lines) < 2000:
    g = random.randrange(3)
    words = random.choices(shared, k=random.randint(4, 9)) + random.choices(list(GENRES.values())[g], k=random.randint(1, 3))
    random.shuffle(words)
    lines[" ".join(words)] = g
lines = list(lines.items())
train, test = lines[:1600], lines[1600:]

tokenizer = Tokenizer(num_words=2000)
tokenizer.fit_on_texts([t for t, _ in train])
x_train, n_train = pad_sequences(tokenizer.texts_to_sequences([t for t, _ in train]), 14)
# fault:
tokenizer.fit_on_texts([t for t, _ in test])
# mended:
# # the same tokenizer for the test lines
# end
x_test, n_test = pad_sequences(tokenizer.texts_to_sequences([t for t, _ in test]), 14)
y_train = torch.tensor([g for _, g in train])
y_test = torch.tensor([g for _, g in test])


class GRUNet(nn.Module):
    def __init__(self, vocab_size=2001):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, 32, padding_idx=0)
        self.gru = nn.GRU(32, 32, batch_first=True)
        self.fc = nn.Linear(32, 3)

    def forward(self, x, n):
        _, h = self.gru(pack_padded_sequence(self.embedding(x), n, batch_first=True, enforce_sorted=False))
        return self.fc(h[-1])


model = GRUNet(len(tokenizer.word_index) + 1)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(6):
    model.train()
    order = torch.randperm(len(x_train))
    for idx in order.split(32):
        loss = nn.functional.cross_entropy(model(x_train[idx], n_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x_test, n_test).argmax(1) == y_test).float().mean()
    print(f"epoch {epoch + 1} loss {loss.item():.4f} test acc {acc:.4f}")
