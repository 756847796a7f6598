"""Question or statement?  Tatoeba sentences with the final punctuation taken away.

Frozen GloVe (lower-cased, like the vectors), bi-directional LSTM over packed sequences. (assignment 3, part b)
"""
import gzip
import os
import random
import re

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.data import DataLoader

BASE = os.environ["WORDFIT_DATA"]
torch.manual_seed(42)
random.seed(42)


def load_glove(fname):
    words, rows = [], []
    with gzip.open(fname, "rt", encoding="utf-8") as fh:
        for line in fh:
            w, *v = line.rstrip("\n").split(" ")
            words.append(w)
            rows.append(np.array(v, dtype=np.float32))
    return words, np.stack(rows)


def tokenize(s):
    # GloVe's way with clitics: do n't, it 's
    s = s.lower().replace("\u2019", "'")
    s = re.sub(r"n't\b", " n't", s)
    s = re.sub(r"'(s|re|ve|ll|d|m)\b", r" '\1", s)
    return re.findall(r"n't|'?[a-z]+|\d+|,", s)


def load_sentences():
    sents = {}
    with gzip.open(os.path.join(BASE, "seq2seq", "tatoeba-fra-eng", "fra.txt.gz"), "rt", encoding="utf-8") as fh:
        for i, line in enumerate(fh):
            if i % 6 == 0:
                en = line.split("\t")[0]
                toks = tuple(tokenize(en))
                if len(toks) >= 3 and en[-1] in ".?":
                    sents[toks] = float(en[-1] == "?")          # one entry per sentence: no copies across the split
    rows = list(sents.items())
    random.shuffle(rows)
    yes = [r for r in rows if r[1]][:1400]
    no = [r for r in rows if not r[1]][:1400]
    rows = yes + no
    random.shuffle(rows)
    return rows[:2200], rows[2200:]


words, glove = load_glove(os.path.join(BASE, "vectors", "glove.6B.100d.top2604.txt.gz"))
w2i = {w: i + 2 for i, w in enumerate(words)}                       # 0 pad, 1 unknown
table = np.vstack([np.zeros((1, 100), np.float32), glove.mean(0, keepdims=True), glove])
train, test = load_sentences()
tokens = [t for s, _ in train for t in s]
print("train coverage: %.1f%%" % (100 * sum(t in w2i for t in tokens) / len(tokens)))


def collate(rows):
    rows = sorted(rows, key=lambda r: -len(r[0]))
    lens = [len(s) for s, _ in rows]
    ids = torch.zeros(len(rows), lens[0], dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        ids[i, : lens[i]] = torch.tensor([w2i.get(t, 1) for t in s])
    return ids, torch.tensor(lens), torch.tensor([y for _, y in rows])


class BiLSTM(nn.Module):
    def __init__(self, vectors, hidden=24):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(vectors), freeze=True, padding_idx=0)
        self.lstm = nn.LSTM(vectors.shape[1], hidden, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(2 * hidden, 1)

    def forward(self, ids, lens):
        packed = pack_padded_sequence(self.dropout(self.embedding(ids)), lens, batch_first=True)
        _, (h, _) = self.lstm(packed)
        return self.fc(self.dropout(torch.cat([h[0], h[1]], dim=1))).squeeze(-1)


model = BiLSTM(table)
crit = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
train_loader = DataLoader(train, batch_size=50, shuffle=True, collate_fn=collate)
EPOCHS = 4
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * len(train_loader))


def evaluate(rows):
    model.eval()
    good, loss = 0, 0.0
    with torch.no_grad():
        for ids, lens, y in DataLoader(rows, batch_size=200, collate_fn=collate):
            z = model(ids, lens)
            loss += crit(z, y).item() * len(y)
            good += ((z > 0).float() == y).sum().item()
    return loss / len(rows), good / len(rows)


for ep in range(EPOCHS):
    model.train()
    run = 0.0
    for ids, lens, y in train_loader:
        opt.zero_grad()
        loss = crit(model(ids, lens), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        sched.step()
        run += loss.item() * len(y)
    print("epoch %d: train loss %.4f, held-out loss %.4f acc %.4f" % (ep + 1, run / len(train), *evaluate(test)))
print("train acc %.4f" % evaluate(train)[1])
