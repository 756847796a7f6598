"""Slot filling for a travel bot: BiLSTM over packed sequences, label smoothing, most tokens are O."""
import random
from dataclasses import dataclass, field

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

TAGS = ["O", "FROM", "TO", "DAY", "CLASS"]
CITIES = "oslo rome lima cairo paris quito delhi tokyo milan dublin lagos perth porto seoul boston vienna".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday tomorrow today".split()
CLASSES = "business economy first premium".split()
START = ["i want a ticket", "book me a seat", "please find flights", "we would like to travel", "is there a plane",
         "hello again can you look for a trip", "my colleague needs a flight"]
TAIL = ["", "please", "thanks a lot", "if it is not too late", "for two people", "with a window seat"]


def utterance(rng):
    a, b = rng.sample(CITIES, 2)
    parts = [("from", "O"), (a, "FROM")], [("to", "O"), (b, "TO")]
    if rng.random() < 0.4:
        parts = [("leaving", "O"), (a, "FROM")], [("arriving", "O"), ("in", "O"), (b, "TO")]
    parts = list(parts)
    if rng.random() < 0.6:
        parts.append([("on", "O"), (rng.choice(DAYS), "DAY")])
    if rng.random() < 0.4:
        parts.append([("in", "O"), (rng.choice(CLASSES), "CLASS"), ("class", "O")])
    rng.shuffle(parts)
    toks = [(w, "O") for w in rng.choice(START).split()] + sum(parts, []) + [(w, "O") for w in rng.choice(TAIL).split()]
    return tuple(toks)


@dataclass
class Corpus:
    rows: list
    words: dict = field(default_factory=lambda: {"<pad>": 0, "<unk>": 1})

    def learn(self):
        for r in self.rows:
            for w, _ in r:
                self.words.setdefault(w, len(self.words))
        return self

    def batchify(self, batch):
        batch = sorted(batch, key=len, reverse=True)
        x = pad_sequence([torch.tensor([self.words.get(w, 1) for w, _ in r]) for r in batch], batch_first=True)
        y = pad_sequence([torch.tensor([TAGS.index(t) for _, t in r]) for r in batch], batch_first=True, padding_value=-1)
        return x, torch.tensor([len(r) for r in batch]), y


class Tagger(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.emb = nn.Embedding(n, 24, padding_idx=0)
        self.drop = nn.Dropout(0.4)
        self.lstm = nn.LSTM(24, 24, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(48, len(TAGS))

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.drop(self.emb(x)), lens, batch_first=True)
        h, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.fc(self.drop(h))


rng = random.Random(8)
torch.manual_seed(8)
rows = sorted({utterance(rng) for _ in range(1400)})
rng.shuffle(rows)
corpus = Corpus(rows[:1050]).learn()
train = DataLoader(corpus.rows, batch_size=30, shuffle=True, collate_fn=corpus.batchify)
test = DataLoader(rows[1050:], batch_size=100, collate_fn=corpus.batchify)
net = Tagger(len(corpus.words))
crit = nn.CrossEntropyLoss(ignore_index=-1, label_smoothing=0.05)
opt = torch.optim.AdamW(net.parameters(), lr=6e-3)


@torch.no_grad()
def slot_f1(loader):
    net.eval()
    tp = fp = fn = 0
    for x, lens, y in loader:
        p = net(x, lens).argmax(-1)
        real = y >= 0
        tp += ((p == y) & (y > 0)).sum().item()
        fp += ((p != y) & (p > 0) & real).sum().item()
        fn += ((p != y) & (y > 0)).sum().item()
    return 2 * tp / max(1, 2 * tp + fp + fn)


for epoch in range(6):
    net.train()
    tot = 0.0
    for x, lens, y in train:
        opt.zero_grad()
        loss = crit(net(x, lens).transpose(1, 2), y)
        loss.backward()
        opt.step()
        tot += loss.item()
    print(f"epoch {epoch}: loss {tot / len(train):.3f} slot F1 train {slot_f1(train):.3f} test {slot_f1(test):.3f}")
