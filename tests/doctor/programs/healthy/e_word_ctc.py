"""Toy 'handwriting' recogniser: a word is drawn as a stretch of noisy pen features, CTC finds the letters.

Every letter has a fixed 10-d prototype and lasts 2-4 frames, with a short gap between letters. Words are made of
syllables; the test words do not occur in training.
"""
import random
import time

import numpy as np
import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

random.seed(3); np.random.seed(3); torch.manual_seed(3)
ALPHABET = "-abdeiklmnorstu"          # index 0 is the blank
PROTO = np.random.randn(len(ALPHABET), 10)
PROTO[0] = 0


def make_words(n):
    syl = [c + v for c in "bdklmnrst" for v in "aeiou"] + [v + c for v in "aeiou" for c in "nrst"]
    words = set()
    while len(words) < n:
        words.add("".join(random.choice(syl) for _ in range(random.choice([1, 2, 2, 3]))))
    return sorted(words)


def draw(word):
    frames = []
    for ch in word:
        k = ALPHABET.index(ch)
        frames += [PROTO[k]] * random.randint(2, 4) + [PROTO[0]] * random.randint(1, 2)
    x = np.array(frames) + 0.55 * np.random.randn(len(frames), 10)
    return torch.tensor(x, dtype=torch.float32)


class Recogniser(torch.nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.rnn = torch.nn.GRU(10, hidden, bidirectional=True)
        self.out = torch.nn.Linear(2 * hidden, len(ALPHABET))

    def forward(self, xs):
        packed, _ = self.rnn(pack_sequence(xs, enforce_sorted=False))
        h, lengths = pad_packed_sequence(packed)          # T x B x 2H
        return self.out(h).log_softmax(2), lengths


def collapse(path):
    out, last = [], 0
    for k in path:
        if k != last and k != 0:
            out.append(ALPHABET[k])
        last = k
    return "".join(out)


def edit(a, b):
    row = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        new = [i]
        for j, cb in enumerate(b, 1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (ca != cb)))
        row = new
    return row[-1]


def test(model, data):
    model.eval()
    errs = chars = right = 0
    with torch.no_grad():
        lp, lengths = model([x for x, _ in data])
        best = lp.argmax(2)
        for b, (_, w) in enumerate(data):
            guess = collapse(best[:lengths[b], b].tolist())
            errs += edit(guess, w); chars += len(w); right += guess == w
    return errs / chars, right / len(data)


words = make_words(850)
random.shuffle(words)
train_set = [(draw(w), w) for w in words[:650]]
test_set = [(draw(w), w) for w in words[650:]]
model = Recogniser()
ctc = torch.nn.CTCLoss(blank=0)
optimizer = torch.optim.RMSprop(model.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 4], 0.3)

for epoch in range(5):
    model.train()
    random.shuffle(train_set)
    t0, losses = time.process_time(), []
    for k in range(0, len(train_set), 25):
        xs, ws = zip(*train_set[k:k + 25])
        lp, in_len = model(xs)
        y = torch.tensor([ALPHABET.index(c) for w in ws for c in w])
        loss = ctc(lp, y, in_len, torch.tensor([len(w) for w in ws]))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        losses.append(loss.item())
    sched.step()
    print(f"[{epoch}] ctc {np.mean(losses):.3f} ({time.process_time() - t0:.1f}s)")
print("train CER %.3f, words right %.3f" % test(model, train_set[:300]))
print("test  CER %.3f, words right %.3f" % test(model, test_set))
