"""Read a noisy key-up/key-down signal as letters with CTC (no alignment between frames and letters is given)."""
import numpy as np
import torch
import torch.nn as nn

CODE = {"a": ".-", "e": ".", "i": "..", "n": "-.", "t": "-", "s": "...", "o": "---", "r": ".-."}
LETTERS = sorted(CODE)
BLANK = 0
rs = np.random.RandomState(8)
torch.manual_seed(8)


def key(word):
    out = [0] * rs.randint(1, 4)
    for c in word:
        for k, mark in enumerate(CODE[c]):
            out += [1] * (3 if mark == "-" else 1) + [0]
        out += [0, 0]
    out += [0] * rs.randint(0, 3)
    return np.array(out) + 0.12 * rs.randn(len(out))


def corpus(n):
    seen = set()
    words = []
    while len(words) < n:
        w = "".join(rs.choice(LETTERS, rs.randint(2, 6)))
        if w not in seen:
            words.append(w)
            seen.add(w)
    return words


def collate(words):
    sig = [torch.tensor(key(w), dtype=torch.float32) for w in words]
    ilen = torch.tensor([len(s) for s in sig])
    x = nn.utils.rnn.pad_sequence(sig, batch_first=True)
    target = torch.tensor([LETTERS.index(c) + 1 for w in words for c in w])
    return x, ilen, target, torch.tensor([len(w) for w in words])


class Reader(nn.Module):
    def __init__(self, ch=32):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(1, ch, 7, padding=3), nn.ReLU(),
            nn.Conv1d(ch, ch, 7, padding=3), nn.ReLU(),
            nn.Conv1d(ch, len(LETTERS) + 1, 5, padding=2))

    def forward(self, x):
        return self.net(x.unsqueeze(1)).permute(2, 0, 1).log_softmax(-1)   # T, N, C


@torch.no_grad()
def word_accuracy(model, words):
    x, ilen, _, _ = collate(words)
    best = model(x).argmax(-1).T
    ok = 0
    for row, n, w in zip(best.tolist(), ilen.tolist(), words):
        row = row[:n]
        text = [LETTERS[c - 1] for c, prev in zip(row, [BLANK] + row[:-1]) if c != BLANK and c != prev]
        ok += "".join(text) == w
    return ok / len(words)


words = corpus(1900)
rs.shuffle(words)
train, test = words[:1600], words[1600:]
model = Reader()
ctc = nn.CTCLoss(blank=BLANK)
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=8)
for epoch in range(8):
    rs.shuffle(train)
    total = 0
    for i in range(0, len(train), 32):
        x, ilen, y, tlen = collate(train[i:i + 32])
        loss = ctc(model(x), y, ilen, tlen)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item()
    sched.step()
    print("epoch", epoch, "ctc", round(total / (len(train) / 32), 4), "words right: train", round(word_accuracy(model, train[:300]), 3), "test", round(word_accuracy(model, test), 3))
