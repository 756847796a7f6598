"""Bidirectional LSTM tagger for addresses with a matrix of pretrained vectors."""
import random

import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

random.seed(33)
np.random.seed(33)
torch.manual_seed(33)
TAGS = ["<pad>", "NUMBER", "STREET", "CITY", "OTHER"]
kinds = {1: [str(i) for i in range(1, 60)], 2: [f"{w} {s}" for w in "oak elm mill church park lake hill king".split() for s in ("street", "road", "lane")],
         3: "leeds york bath derby oxford truro perth ely wells ripon".split(), 4: "please send it to the house at near in flat by my office".split()}
words = sorted({w for ws in kinds.values() for p in ws for w in p.split()})
with open("addr.vec", "w") as f:
    for w in words:
        f.write(w + " " + " ".join(f"{x:.4f}" for x in np.random.normal(0, 0.4, 25)) + "\n")


def address():
    out = [(w, 4) for w in random.choices(kinds[4], k=random.randint(1, 4))]
    out += [(random.choice(kinds[1]), 1)] + [(w, 2) for w in random.choice(kinds[2]).split()]
    if random.random() < 0.7:
        out += [(w, 4) for w in random.choices(kinds[4], k=random.randint(0, 2))] + [(random.choice(kinds[3]), 3)]
    return tuple(out)


data = sorted({address() for _ in range(900)})
random.shuffle(data)
word_to_ix = {w: i + 1 for i, w in enumerate(words)}
embedding_matrix = np.zeros((len(words) + 1, 25))
for line in open("addr.vec"):
    w, *v = line.split()
    embedding_matrix[word_to_ix[w]] = np.asarray(v, dtype="float64")


class LSTMTagger(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        # fault:
        weights = torch.from_numpy(embedding_matrix)
        # mended:
        # weights = torch.from_numpy(embedding_matrix).float()
        # end
        self.word_embeddings = nn.Embedding.from_pretrained(weights, freeze=False, padding_idx=0)
        self.lstm = nn.LSTM(25, hidden, bidirectional=True, batch_first=True)
        self.hidden2tag = nn.Linear(2 * hidden, len(TAGS))

    def forward(self, x, n):
        packed = pack_padded_sequence(self.word_embeddings(x), n, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.hidden2tag(out)


def batch(rows):
    x = pad_sequence([torch.tensor([word_to_ix[w] for w, _ in r]) for r in rows], batch_first=True)
    y = pad_sequence([torch.tensor([t for _, t in r]) for r in rows], batch_first=True)
    return x, torch.tensor([len(r) for r in rows]), y


model = LSTMTagger()
loss_function = nn.CrossEntropyLoss(ignore_index=0)
optimizer = optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(5):
    for i in range(0, 700, 20):
        x, n, y = batch(data[i : i + 20])
        optimizer.zero_grad()
        loss = loss_function(model(x, n).flatten(0, 1), y.flatten())
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        x, n, y = batch(data[700:])
        right = (model(x, n).argmax(2) == y)[y > 0].float().mean()
    print(f"epoch {epoch} loss {loss.item():.4f} dev tag accuracy {right:.4f}")
