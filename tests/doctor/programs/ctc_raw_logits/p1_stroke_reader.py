"""CTC tutorial: reading words from a stream of pen strokes.

A tablet reports one stroke code per tick. Writing a letter takes two to four ticks, each with one of
the codes typical for the letter; between letters the pen may hover. Nobody marked where
a letter begins, so we train with CTC.
"""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

torch.manual_seed(5)
rng = random.Random(5)

LETTERS = "abcdefghijklmnop"
CODES_PER_LETTER = 4
HOVER = 1 + len(LETTERS) * CODES_PER_LETTER
N_CODES = HOVER + 1


def scribble(word):
    strokes = []
    for letter in word:
        base = 1 + LETTERS.index(letter) * CODES_PER_LETTER
        for _ in range(rng.randint(2, 4)):
            code = base + rng.randrange(CODES_PER_LETTER)
            strokes.append(code if rng.random() > 0.01 else rng.randrange(1, HOVER))
        strokes += [HOVER] * rng.randint(1, 2)
    return strokes


def make_rows(n):
    words = set()
    while len(words) < n:
        words.add("".join(rng.choices(LETTERS, k=rng.randint(2, 5))))
    return [(torch.tensor(scribble(w)), torch.tensor([LETTERS.index(c) + 1 for c in w])) for w in sorted(words, key=lambda _: rng.random())]


def collate(rows):
    strokes, words = zip(*rows)
    stroke_lengths = torch.tensor([len(s) for s in strokes])
    word_lengths = torch.tensor([len(w) for w in words])
    return pad_sequence(strokes, batch_first=True), stroke_lengths, torch.cat(words), word_lengths


class StrokeReader(nn.Module):
    def __init__(self, dim=24, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(N_CODES, dim, padding_idx=0)
        self.rnn = nn.GRU(dim, hidden, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * hidden, len(LETTERS) + 1)

    def forward(self, strokes, lengths):
        packed = pack_padded_sequence(self.embedding(strokes), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.output(states)


def greedy(scores, length):
    path = scores[:length].argmax(dim=-1).tolist()
    collapsed = [p for i, p in enumerate(path) if i == 0 or p != path[i - 1]]
    return [p for p in collapsed if p != 0]


def word_accuracy(model, loader):
    model.eval()
    right = total = 0
    with torch.no_grad():
        for strokes, stroke_lengths, words, word_lengths in loader:
            scores = model(strokes, stroke_lengths)
            for row, (n, word) in enumerate(zip(stroke_lengths, words.split(word_lengths.tolist()))):
                right += greedy(scores[row], n) == word.tolist()
                total += 1
    return right / total


rows = make_rows(1100)
train_loader = DataLoader(rows[:900], batch_size=25, shuffle=True, collate_fn=collate)
test_loader = DataLoader(rows[900:], batch_size=50, collate_fn=collate)

model = StrokeReader()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3, gamma=0.3)
ctc = nn.CTCLoss(blank=0)

for epoch in range(1, 7):
    model.train()
    running = 0.0
    for strokes, stroke_lengths, words, word_lengths in train_loader:
        scores = model(strokes, stroke_lengths)
        # fault:
        log_probs = scores.transpose(0, 1)
        # mended:
        #log_probs = scores.log_softmax(dim=-1).transpose(0, 1)
        # end
        loss = ctc(log_probs, words, stroke_lengths, word_lengths)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        running += loss.item()
    scheduler.step()
    print(f"epoch {epoch:2d}  loss {running / len(train_loader):8.3f}  words read correctly {word_accuracy(model, test_loader):.3f}")
