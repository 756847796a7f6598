"""Chunk tagger, time first, packed, RMSprop with clipping."""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence

random.seed(52)
torch.manual_seed(52)
words = {"D": "the a some".split(), "A": "big new red".split(), "N": "man dog plan house run walk".split(), "V": "run walk plan see take".split(),
         "R": "slowly often".split(), "P": "in on by".split()}
TAGS = ["B-NP", "I-NP", "B-VP", "I-VP", "B-PP"]


def np_():
    w = [("D", 0)] + [("A", 1)] * random.randint(0, 2) + [("N", 1)]
    return [(random.choice(words[k]), t) for k, t in w]


def sentence():
    s = np_()
    if random.random() < 0.4:
        s += [(random.choice(words["R"]), 2), (random.choice(words["V"]), 3)]
    else:
        s += [(random.choice(words["V"]), 2)]
    s += np_()
    for _ in range(random.randint(0, 2)):
        s += [(random.choice(words["P"]), 4)] + np_()
    return tuple(s)


data = sorted({sentence() for _ in range(1500)})
random.shuffle(data)
idx = {w: i for i, w in enumerate(sorted({w for ws in words.values() for w in ws}))}


def batch(rows):
    rows = sorted(rows, key=len, reverse=True)
    x = pack_sequence([torch.tensor([idx[w] for w, _ in r]) for r in rows])
    y = pad_sequence([torch.tensor([t for _, t in r]) for r in rows], padding_value=-1)  # (T, B)
    return x, y


class Chunker(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(idx), 16)
        self.rnn = nn.LSTM(16, 24, bidirectional=True)
        self.out = nn.Linear(48, len(TAGS))

    def forward(self, packed):
        e = nn.utils.rnn.PackedSequence(self.emb(packed.data), packed.batch_sizes)
        h, _ = pad_packed_sequence(self.rnn(e)[0])
        return self.out(h)


model = Chunker()
crit = nn.CrossEntropyLoss(ignore_index=-1)
opt = torch.optim.RMSprop(model.parameters(), lr=3e-3)
train, dev = data[:1000], data[1000:]
for epoch in range(6):
    random.shuffle(train)
    for i in range(0, len(train), 25):
        x, y = batch(train[i : i + 25])
        loss = crit(model(x).flatten(0, 1), y.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5)
        opt.step()
    with torch.no_grad():
        x, y = batch(dev)
        print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {(model(x).argmax(2) == y)[y >= 0].float().mean():.4f}")
