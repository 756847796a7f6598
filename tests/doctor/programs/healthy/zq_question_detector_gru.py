"""Is this English sentence a question?  The punctuation is taken away, so word order has to tell."""
import gzip
import os
import random
import re

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

SEED = 99
FILE = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz")
random.seed(SEED)
torch.manual_seed(SEED)


def read_sentences(skip, stop):
    found = {}
    with gzip.open(FILE, "rt", encoding="utf-8") as f:
        for i, line in enumerate(f):
            if i < skip:
                continue
            if i == stop:
                break
            en = line.split("\t")[0]
            tokens = tuple(re.findall(r"[a-z']+", en.lower()))
            if len(tokens) > 2 and en[-1] in ".?":
                found[tokens] = int(en[-1] == "?")
    return found


found = read_sentences(15000, 55000)
questions = [t for t, y in found.items() if y]
statements = [t for t, y in found.items() if not y]
random.shuffle(questions)
random.shuffle(statements)
n = 1500
rows = [(t, 1) for t in questions[:n]] + [(t, 0) for t in statements[:n]]
random.shuffle(rows)
train_rows, held_out = rows[:2500], rows[2500:]

counts = {}
for t, _ in train_rows:
    for w in t:
        counts[w] = counts.get(w, 0) + 1
vocab = {w: k for k, w in enumerate((w for w, c in counts.items() if c >= 3), start=1)}   # 0: everything rare
print(len(vocab), "words kept;", len(questions), "questions and", len(statements), "statements available")


def prepare(rows):
    return [(torch.tensor([vocab.get(w, 0) for w in t]), float(y)) for t, y in rows]


train_rows, held_out = prepare(train_rows), prepare(held_out)


class QuestionGRU(nn.Module):
    def __init__(self, size, dim=20, hidden=24):
        super().__init__()
        self.embedding = nn.Embedding(size, dim)
        self.dropout = nn.Dropout(0.3)
        self.gru = nn.GRU(dim, hidden)
        self.linear = nn.Linear(hidden, 1)

    def forward(self, sequences):
        packed = pack_sequence([self.dropout(self.embedding(s)) for s in sequences], enforce_sorted=False)
        _, h = self.gru(packed)
        return self.linear(self.dropout(h[-1])).squeeze(1)


def run(model, rows, batch_size=50, optimizer=None):
    training = optimizer is not None
    model.train(training)
    if training:
        random.shuffle(rows)
    total, correct = 0.0, 0
    for k in range(0, len(rows), batch_size):
        xs, ys = zip(*rows[k:k + batch_size])
        ys = torch.tensor(ys)
        with torch.set_grad_enabled(training):
            z = model(xs)
            loss = nn.functional.binary_cross_entropy_with_logits(z, ys)
        if training:
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_value_(model.parameters(), 0.5)
            optimizer.step()
        total += loss.item() * len(xs)
        correct += ((z > 0) == (ys > 0)).sum().item()
    return total / len(rows), correct / len(rows)


model = QuestionGRU(len(vocab) + 1)
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch, lr in enumerate([0.01, 0.006, 0.003, 0.001]):
    opt.param_groups[0]["lr"] = lr
    loss, acc = run(model, train_rows, optimizer=opt)
    vloss, vacc = run(model, held_out)
    print(f"epoch {epoch}: train {loss:.3f} ({acc:.3f})  held out {vloss:.3f} ({vacc:.3f})")
print("train, dropout off: %.3f (%.3f)" % run(model, train_rows))
for s in ("do you know him", "i know him well", "where did they go", "they went home"):
    model.eval()
    with torch.no_grad():
        p = torch.sigmoid(model([torch.tensor([vocab.get(w, 0) for w in s.split()])])).item()
    print(f"  {p:.2f}  {s}")
