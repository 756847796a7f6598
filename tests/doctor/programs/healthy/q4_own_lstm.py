"""Exercise 7: write the LSTM cell yourself (time first!) and show that it learns negation.

"the food was not good" -> 0, "the waiter was never rude" -> 1
"""
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

GOOD = "good great tasty friendly clean fresh lovely".split()
BAD = "bad awful rude dirty stale slow bland".split()
NOT = "not never hardly".split()
THINGS = "food waiter room soup table music service kitchen dessert coffee wine bill".split()
EXTRA = "really quite somewhat very today again always honestly overall frankly".split()


def phrase(rng):
    words = ["the", rng.choice(THINGS)]
    if rng.random() < 0.4:
        words += ["and", "the", rng.choice(THINGS)]
    words.append("was")
    y = rng.randint(0, 1)
    negated = rng.random() < 0.5
    if negated:
        words.append(rng.choice(NOT))
    for _ in range(rng.randint(0, 2)):
        words.append(rng.choice(EXTRA))
    words.append(rng.choice(GOOD if y != negated else BAD))
    if rng.random() < 0.5:
        words += rng.sample(EXTRA, rng.randint(1, 3))
    return tuple(words), y


class MyLSTM(nn.Module):
    """x: (T, B, D), mask: (T, B); rows that are over keep their state."""

    def __init__(self, d, h):
        super().__init__()
        bound = 1 / math.sqrt(h)
        self.W = nn.Parameter(torch.empty(d, 4 * h).uniform_(-bound, bound))
        self.U = nn.Parameter(torch.empty(h, 4 * h).uniform_(-bound, bound))
        self.b = nn.Parameter(torch.zeros(4 * h))
        with torch.no_grad():
            self.b[h:2 * h] = 1.0
        self.h = h

    def forward(self, x, mask):
        h = c = x.new_zeros(x.size(1), self.h)
        xw = x @ self.W + self.b
        for t in range(x.size(0)):
            i, f, g, o = (xw[t] + h @ self.U).chunk(4, dim=1)
            c_new = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h_new = torch.sigmoid(o) * torch.tanh(c_new)
            m = mask[t].unsqueeze(1)
            c, h = torch.where(m, c_new, c), torch.where(m, h_new, h)
        return h


class Classifier(nn.Module):
    def __init__(self, n, d=16, h=20):
        super().__init__()
        self.lookup = nn.Embedding(n, d, padding_idx=0)
        self.rnn = MyLSTM(d, h)
        self.top = nn.Linear(h, 1)

    def forward(self, words):
        return self.top(self.rnn(self.lookup(words), words != 0)).squeeze(1)


def columns(rows, vocab):
    T = max(len(w) for w, _ in rows)
    x = torch.zeros(T, len(rows), dtype=torch.long)
    for j, (w, _) in enumerate(rows):
        x[:len(w), j] = torch.tensor([vocab[t] for t in w])
    return x, torch.tensor([float(y) for _, y in rows])


def main():
    rng = random.Random(4)
    torch.manual_seed(4)
    rows = {}
    while len(rows) < 1900:
        w, y = phrase(rng)
        rows[w] = y
    rows = list(rows.items())
    train, test = rows[:1500], rows[1500:]
    vocab = {"": 0}
    for w, _ in rows:
        for t in w:
            vocab.setdefault(t, len(vocab))

    model = Classifier(len(vocab))
    opt = torch.optim.RMSprop(model.parameters(), lr=0.004)
    x_test, y_test = columns(test, vocab)
    for epoch in range(5):
        rng.shuffle(train)
        model.train()
        s = 0.0
        for k in range(0, len(train), 30):
            x, y = columns(train[k:k + 30], vocab)
            loss = F.binary_cross_entropy_with_logits(model(x), y)
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
            s += loss.item() * x.size(1)
        model.eval()
        with torch.no_grad():
            z = model(x_test)
        print("epoch", epoch + 1, "train loss %.4f" % (s / len(train)),
              "test loss %.4f" % F.binary_cross_entropy_with_logits(z, y_test).item(),
              "test accuracy %.4f" % ((z > 0) == (y_test > 0.5)).float().mean().item())


main()
