"""
Toy "speech" recogniser.

Every letter gets a fixed 12-dim "phone" prototype. A spoken word is the sequence of its phones, each held
for two to four frames, plus noise. The network has to spell the word. Vocabulary: frequent GloVe words,
the test words are never spoken in training.
"""
import gzip
import os
import random
import string

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

random.seed(11)
np.random.seed(11)
torch.manual_seed(11)

BLANK = 0
LETTERS = string.ascii_lowercase
N_FEAT = 12
prototypes = np.random.randn(len(LETTERS), N_FEAT).astype("float32")


def read_words(limit=2200):
    words = []
    fn = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
    with gzip.open(fn, "rt", encoding="utf8") as f:
        for line in f:
            w = line.split(" ", 1)[0]
            if 3 <= len(w) <= 8 and all(c in LETTERS for c in w):
                words.append(w)
    random.shuffle(words)
    return words[:limit]


def speak(word):
    frames = []
    for ch in word:
        p = prototypes[LETTERS.index(ch)]
        for _ in range(random.randint(2, 4)):
            frames.append(p * random.uniform(0.8, 1.2))
    x = np.stack(frames)
    return torch.from_numpy(x + 0.35 * np.random.randn(*x.shape)).float()


class Utterances(torch.utils.data.Dataset):
    def __init__(self, words):
        self.words = words
        self.audio = [speak(w) for w in words]

    def __len__(self):
        return len(self.words)

    def __getitem__(self, i):
        return self.audio[i], torch.tensor([1 + LETTERS.index(c) for c in self.words[i]])


def collate(items):
    xs, ys = zip(*items)
    return (pad_sequence(xs), torch.tensor([len(x) for x in xs]),      # (T, B, F)
            torch.cat(ys), torch.tensor([len(y) for y in ys]))


class Recogniser(nn.Module):
    """Two convolutions over time; frames behind the end of an utterance are kept at zero."""

    def __init__(self, hidden=64):
        super().__init__()
        self.conv1 = nn.Conv1d(N_FEAT, hidden, 5, padding=2)
        self.conv2 = nn.Conv1d(hidden, hidden, 5, padding=2)
        self.out = nn.Linear(hidden, 1 + len(LETTERS))

    def forward(self, x, lengths):
        inside = (torch.arange(len(x))[None] < lengths[:, None]).float().unsqueeze(1)   # (B, 1, T)
        h = torch.tanh(self.conv1(x.permute(1, 2, 0))) * inside
        h = torch.tanh(self.conv2(h)) * inside
        return self.out(h.permute(2, 0, 1)).log_softmax(-1)


def spell(path):
    text, last = [], BLANK
    for k in path:
        if k != last and k != BLANK:
            text.append(LETTERS[k - 1])
        last = k
    return "".join(text)


def edit_distance(a, b):
    row = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, cb in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (ca != cb))
    return row[-1]


def cer(model, data):
    model.eval()
    errors = total = 0
    with torch.no_grad():
        for start in range(0, len(data), 100):
            part = [data[i] for i in range(start, min(start + 100, len(data)))]
            x, xl, _, _ = collate(part)
            best = model(x, xl).argmax(-1).t()
            for k in range(len(part)):
                ref = data.words[start + k]
                errors += edit_distance(spell(best[k, :xl[k]].tolist()), ref)
                total += len(ref)
    return errors / total


words = read_words()
train, test = Utterances(words[:1960]), Utterances(words[1960:])
loader = torch.utils.data.DataLoader(train, batch_size=40, shuffle=True, collate_fn=collate)
model = Recogniser()
criterion = nn.CTCLoss(blank=BLANK)
EPOCHS = 4
optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=EPOCHS * len(loader))
for epoch in range(EPOCHS):
    model.train()
    running = 0.0
    for x, xl, y, yl in loader:
        loss = criterion(model(x, xl), y, xl, yl)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        scheduler.step()
        running += loss.item()
    print(f"epoch {epoch + 1}  ctc {running / len(loader):.3f}")
print(f"train CER {cer(model, Utterances(words[:300])):.3f}   test CER {cer(model, test):.3f}")
